import { sessions, users } from "@souk/db/schema/auth";
import { passkeys } from "@souk/db/schema/auth-passkeys";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { and, eq, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { endedSessions } from "./end-sessions.ts";
import { liveSession } from "./live-session.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { hasSecondFactor } from "./require-assurance.ts";
import { requireRecentSession } from "./require-recent-session.ts";
import { otherWayIn } from "./ways-in.ts";

/**
 * Takes one of the actor's passkeys away; its owner gets a mail. The other sessions end: they may be of whoever came in this way. The last
 * way in stays.
 * @throws AppError unauthorized; second_factor_required; fresh_login_required; not_found: no such passkey, or another's; conflict: it is
 * the last way in
 */
export async function removePasskey(context: Context<Env>, id: string): Promise<void> {
  const { userId, sessionId } = requireActor(context);
  const { db } = context;
  const own = and(
    eq(sessions.id, sessionId),
    eq(sessions.userId, passkeys.userId),
    liveSession(context.now()),
  );
  const [passkey] = await db
    .select({ secondFactor: hasSecondFactor(sql`${passkeys.userId}`), openedAt: sessions.createdAt })
    .from(passkeys)
    .leftJoin(sessions, own)
    .where(and(eq(passkeys.id, id), eq(passkeys.userId, userId)));
  if (passkey === undefined) throw new AppError("not_found", "You have no such passkey.");
  requireRecentSession(context, passkey);
  // In the order of a sign-in's locks. Behind them, of two ways in that are taken away at once the later sees what the other one left, and
  // a sign-in that was first has its session.
  const [, , { rows }] = await db.batch([
    db.execute(sql`SELECT FROM ${passkeys} WHERE id = ${id}::uuid AND user_id = ${userId}::uuid FOR UPDATE`),
    db.execute(sql`SELECT FROM ${users} WHERE id = ${userId}::uuid FOR NO KEY UPDATE`),
    db.execute(sql`
      WITH removed AS (
        DELETE FROM ${passkeys} AS passkey USING ${users} AS person
        WHERE passkey.id = ${id}::uuid AND passkey.user_id = ${userId}::uuid AND person.id = passkey.user_id AND ${otherWayIn(context, id)}
        RETURNING passkey.id, passkey.user_id, passkey.name
      ), noted AS (${noteSecurityEvent(context, "passkey.removed", { from: sql`removed`, userId: sql`user_id`, details: sql`jsonb_build_object('name', name)` })}), told AS (${appendEvents(
        context,
        "passkey.removed",
        {
          from: sql`removed`,
          aggregateId: sql`user_id`,
          data: sql`jsonb_build_object('userId', user_id, 'passkeyId', id)`,
        },
      )}), ${endedSessions(context, "passkey_removed", sql`session.id <> ${sessionId}::uuid AND session.user_id = (SELECT user_id FROM removed)`)}
      SELECT id FROM removed`),
  ]);
  if (rows.length === 0)
    throw new AppError(
      "conflict",
      "It is your only way to log in. Set a password first, or add another passkey.",
    );
}
