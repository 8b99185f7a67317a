import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import { Account } from "../schemas.ts";
import { type RefreshRequest, type Tokens } from "../session-schemas.ts";
import { endSessions, tellEnded } from "./end-sessions.ts";
import { issueTokens } from "./issue-tokens.ts";
import { notBanned } from "./not-banned.ts";
import { readRefreshToken } from "./refresh-token.ts";
import { StoredMoment } from "./stored-moment.ts";

const Row = z.object({
  counter: z.int(),
  ended: z.boolean(),
  secondFactorAt: StoredMoment.nullable(),
  account: Account,
});

/**
 * Exchanges a refresh token, by GoTrue's rule. The session's current token moves the counter on. The one before it (its reply was lost)
 * or any older one within 10 s of the last refresh (concurrent tabs) gives the current token, so that all callers converge. An older one
 * has been stolen or replayed: the session ends. One statement, so callers at once are put in order by the row's lock.
 * @throws AppError invalid_refresh_token: not issued here, expired, ended, or the account is banned; refresh_token_already_used: the
 * session is ended by this call
 */
export async function refreshSession(
  context: Context<Env>,
  { refreshToken }: RefreshRequest,
): Promise<Tokens> {
  const invalid = new AppError("invalid_refresh_token", "Log in again.");
  const claim = readRefreshToken(refreshToken, context.env.REFRESH_KEYS);
  if (claim === null) throw invalid;
  const now = context.now();
  const time = (at: Date) => sql`${at.toISOString()}::timestamptz`;
  const current = sql`session.counter = ${claim.counter}::int`;
  const replayed = sql`(session.counter > ${claim.counter}::int + 1 AND session.refreshed_at < ${time(later(now, -LIMITS.refreshReuse))})`;
  const { rows } = await context.db.execute(sql`
    WITH refreshed AS (
      UPDATE ${sessions} AS session SET
        counter = CASE WHEN ${current} THEN session.counter + 1 ELSE session.counter END,
        refreshed_at = CASE WHEN ${current} THEN ${time(now)} ELSE session.refreshed_at END,
        revoked_at = CASE WHEN ${replayed} THEN ${time(now)} END,
        revoked_reason = CASE WHEN ${replayed} THEN 'refresh_token_reuse' END,
        updated_at = ${time(now)}
      FROM ${users} AS person
      WHERE session.id = ${claim.sessionId}::uuid AND person.id = session.user_id AND person.status = 'active' AND ${notBanned(now)}
        AND session.counter >= ${claim.counter}::int AND session.revoked_at IS NULL AND session.impersonator_id IS NULL AND session.expires_at > ${time(now)}
        AND session.refreshed_at > ${time(later(now, -LIMITS.sessionIdle))}
      RETURNING session.id, session.user_id, session.device, session.counter, session.revoked_at, person.email, person.first_name, person.last_name,
        person.role, person.status, session.second_factor_at
    ), ${tellEnded(context, sql`refreshed WHERE revoked_at IS NOT NULL`, sql`'refresh_token_reuse'::text`)}
    SELECT counter, revoked_at IS NOT NULL AS ended, to_jsonb(second_factor_at) AS "secondFactorAt", jsonb_build_object('id', user_id, 'email', email, 'firstName', first_name,
      'lastName', last_name, 'role', role, 'status', status) AS account
    FROM refreshed`);
  const session = z.array(Row).parse(rows)[0];
  if (session === undefined || !session.ended) context.appended.events = false;
  if (session === undefined) throw invalid;
  if (session.ended) {
    // Those in which its owner acts as others.
    const lent = sql`session.impersonator_session_id = ${claim.sessionId}::uuid`;
    await context.db.execute(endSessions(context, "refresh_token_reuse", lent));
    context.log.warn("refresh token replayed, session ended", {
      sessionId: claim.sessionId,
      userId: session.account.id,
    });
    throw new AppError("refresh_token_already_used", "This session has ended for your safety. Log in again.");
  }
  const { account, counter, secondFactorAt } = session;
  return issueTokens(context, account, { sessionId: claim.sessionId, counter }, secondFactorAt);
}
