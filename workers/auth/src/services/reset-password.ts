import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { tokens, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { PasswordChanged, PasswordReset } from "../schemas.ts";
import { endSessions } from "./end-sessions.ts";
import { accountKey, signedInKey } from "./allow-account.ts";
import { hashPassword } from "./hash-password.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { hashOneTimeToken } from "./one-time-token.ts";
import { refuseBreached } from "./refuse-breached.ts";

/**
 * Sets a new password by a mailed token, which works once and voids the person's other reset links; ends all sessions and a lockout. A pending address
 * becomes verified, since the mail reached its owner.
 * @throws AppError invalid_link: unknown, used or expired; validation_failed (`password`): known from a data breach, which leaves the link good
 */
export async function resetPassword(
  context: Context<Env>,
  { token, password }: PasswordReset,
): Promise<PasswordChanged> {
  await refuseBreached(context, "password", password);
  const passwordHash = await hashPassword(password);
  const hash = hashOneTimeToken(token);
  const now = sql`${context.now().toISOString()}::timestamptz`;
  // The person is locked before any token: two links at once wait for each other instead of deadlocking.
  const change = sql`
    WITH person AS (
      SELECT person.id, person.status FROM ${tokens} AS token JOIN ${users} AS person ON person.id = token.user_id
      WHERE token.hash = ${hash} AND token.type = 'reset_password' AND token.used_at IS NULL AND token.expires_at > ${now}
      FOR NO KEY UPDATE OF person
    ), voided AS (
      UPDATE ${tokens} AS token SET used_at = ${now} FROM person
      WHERE token.user_id = person.id AND token.type = 'reset_password' AND token.used_at IS NULL
      RETURNING token.user_id, token.hash
    ), changed AS (
      UPDATE ${users} AS person SET password_hash = ${passwordHash}, password_version = person.password_version + 1,
        status = CASE person.status WHEN 'pending' THEN 'active' ELSE person.status END, verified_at = coalesce(person.verified_at, ${now}), updated_at = ${now}
      FROM voided WHERE voided.hash = ${hash} AND person.id = voided.user_id
      RETURNING person.id, person.email
    ), unlocked AS (
      DELETE FROM ${accountAttempts} AS known USING changed WHERE known.account IN (${accountKey(sql`changed.email`)}, ${signedInKey(sql`changed.email`)})
    ), newly AS (
      SELECT person.id FROM person JOIN changed ON changed.id = person.id WHERE person.status = 'pending'
    ), verified AS (
      ${appendEvents(context, "user.verified", {
        from: sql`newly`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id)`,
      })}
    ), told AS (
      ${appendEvents(context, "password.changed", {
        from: sql`changed`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id, 'by', 'reset')`,
      })}
    ), noted AS (
      ${noteSecurityEvent(context, "password.changed", {
        from: sql`changed`,
        userId: sql`id`,
        details: sql`jsonb_build_object('by', 'reset')`,
      })}
    )
    SELECT id FROM changed`;
  // A statement of its own, which sees also the sessions of log-ins that the first one waited for. The salted hash names this very reset.
  const endAll = endSessions(
    context,
    "password_reset",
    sql`session.user_id = (SELECT person.id FROM ${tokens} AS token JOIN ${users} AS person ON person.id = token.user_id
      WHERE token.hash = ${hash} AND person.password_hash = ${passwordHash})`,
  );
  const [changed] = await context.db.batch([context.db.execute(change), context.db.execute(endAll)]);
  if (changed.rows.length === 0)
    throw new AppError("invalid_link", "The link is unknown, used or expired. Ask for a new one.");
  return { changed: true };
}
