import { sessions, users } from "@souk/db/schema/auth";
import { loginChallenges } from "@souk/db/schema/auth-second-factor";
import { identities } from "@souk/db/schema/auth-identities";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { endedSessions } from "./end-sessions.ts";
import { liveSession } from "./live-session.ts";
import { hasSecondFactor } from "./require-assurance.ts";
import { requireRecentSession } from "./require-recent-session.ts";
import { revokeAtProvider } from "./revoke-at-provider.ts";
import { tellUnlinked } from "./tell-identity.ts";
import { otherWayIn } from "./ways-in.ts";

const Unlinked = z.object({ subject: z.string(), sealedRefreshToken: z.string().nullable() });

/**
 * The provider of one of the actor's identities, where the session may take it away.
 * @throws AppError unauthorized, not_found, second_factor_required, fresh_login_required
 */
async function providerOf(context: Context<Env>, id: string): Promise<string> {
  const { userId, sessionId } = requireActor(context);
  const own = and(
    eq(sessions.id, sessionId),
    eq(sessions.userId, identities.userId),
    liveSession(context.now()),
  );
  const [identity] = await context.db
    .select({
      provider: identities.provider,
      secondFactor: hasSecondFactor(sql`${identities.userId}`),
      openedAt: sessions.createdAt,
    })
    .from(identities)
    .leftJoin(sessions, own)
    .where(and(eq(identities.id, id), eq(identities.userId, userId)));
  if (identity === undefined) throw new AppError("not_found", "You have no such identity.");
  requireRecentSession(context, identity);
  return identity.provider;
}

/**
 * Takes one of the actor's identities away, with what is kept of the provider's token, which the provider is asked to revoke. Its owner
 * gets a mail. The other sessions end, and log-ins that wait for their second factor: they may be of whoever came in this way. The last
 * way in stays.
 * @throws AppError unauthorized; second_factor_required; fresh_login_required; not_found: no such identity, or another's; conflict: it is
 * the last way in
 */
export async function unlinkIdentity(context: Context<Env>, id: string): Promise<void> {
  const { userId, sessionId } = requireActor(context);
  const provider = await providerOf(context, id);
  const name = context.env.OPENID_PROVIDERS.find((known) => known.id === provider)?.name ?? provider;
  const { db } = context;
  // In the order of a sign-in's locks. Behind them, of two that unlink at once the later sees what the other one left, and a sign-in that
  // was first has its session.
  const [, , { rows }] = await db.batch([
    db.execute(
      sql`SELECT FROM ${identities} WHERE id = ${id}::uuid AND user_id = ${userId}::uuid FOR UPDATE`,
    ),
    db.execute(sql`SELECT FROM ${users} WHERE id = ${userId}::uuid FOR NO KEY UPDATE`),
    db.execute(sql`
      WITH unlinked AS (
        DELETE FROM ${identities} AS identity USING ${users} AS person
        WHERE identity.id = ${id}::uuid AND identity.user_id = ${userId}::uuid AND person.id = identity.user_id
          AND ${otherWayIn(context, id)}
        RETURNING identity.user_id, identity.subject, identity.sealed_refresh_token
      ), ${tellUnlinked(context, name, sql`unlinked`)}, void AS (
        DELETE FROM ${loginChallenges} AS challenge USING unlinked WHERE challenge.user_id = unlinked.user_id
      ), ${endedSessions(context, "identity_unlinked", sql`session.id <> ${sessionId}::uuid AND session.user_id = (SELECT user_id FROM unlinked)`)}
      SELECT subject, sealed_refresh_token AS "sealedRefreshToken" FROM unlinked`),
  ]);
  const unlinked = Unlinked.safeParse(rows[0]).data;
  if (unlinked === undefined)
    throw new AppError("conflict", "It is your only way to log in. Set a password first, or link another.");
  const { subject, sealedRefreshToken } = unlinked;
  if (sealedRefreshToken !== null)
    context.after(revokeAtProvider(context, provider, { subject, sealedRefreshToken }));
}
