import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { and, eq, gte, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { RefreshRequest, Tokens } from "../schemas.ts";
import { accountColumns } from "./account-columns.ts";
import { issueTokens } from "./issue-tokens.ts";
import { liveSession } from "./live-session.ts";
import { readRefreshToken } from "./refresh-token.ts";

/**
 * Exchanges a refresh token, by GoTrue's rule. The session's current token moves the counter on. The one before it (its reply was lost)
 * or any older one within 10 s of the last refresh (concurrent tabs) gives the current token, so that all callers converge. An older one
 * has been stolen or replayed: the session ends. One statement, so callers at once are put in order by the row's lock.
 * @throws AppError invalid_refresh_token: not issued here, expired, ended; refresh_token_already_used: the session is ended by this call
 */
export async function refreshSession(
  context: Context<Env>,
  { refreshToken }: RefreshRequest,
): Promise<Tokens> {
  const invalid = new AppError("invalid_refresh_token", "Log in again.");
  const claim = readRefreshToken(refreshToken, context.env.REFRESH_KEYS);
  if (claim === null) throw invalid;
  const now = context.now();
  const at = sql`${now.toISOString()}::timestamptz`;
  const current = sql`${sessions.counter} = ${claim.counter}::int`;
  const replayed = sql`(${sessions.counter} > ${claim.counter}::int + 1
    AND ${sessions.refreshedAt} < ${later(now, -LIMITS.refreshReuse).toISOString()}::timestamptz)`;
  const [session] = await context.db
    .update(sessions)
    .set({
      counter: sql`CASE WHEN ${current} THEN ${sessions.counter} + 1 ELSE ${sessions.counter} END`,
      refreshedAt: sql`CASE WHEN ${current} THEN ${at} ELSE ${sessions.refreshedAt} END`,
      revokedAt: sql`CASE WHEN ${replayed} THEN ${at} END`,
      revokedReason: sql`CASE WHEN ${replayed} THEN 'refresh_token_reuse' END`,
      updatedAt: now,
    })
    .from(users)
    .where(
      and(
        eq(sessions.id, claim.sessionId),
        eq(users.id, sessions.userId),
        eq(users.status, "active"),
        gte(sessions.counter, claim.counter),
        liveSession(now),
      ),
    )
    .returning({
      counter: sessions.counter,
      revokedAt: sessions.revokedAt,
      user: accountColumns,
      secondFactorAt: sessions.secondFactorAt,
    });
  if (session === undefined) throw invalid;
  if (session.revokedAt !== null) {
    context.log.warn("refresh token replayed, session ended", {
      sessionId: claim.sessionId,
      userId: session.user.id,
    });
    throw new AppError("refresh_token_already_used", "This session has ended for your safety. Log in again.");
  }
  const { user, counter, secondFactorAt } = session;
  return issueTokens(context, user, { sessionId: claim.sessionId, counter }, secondFactorAt);
}
