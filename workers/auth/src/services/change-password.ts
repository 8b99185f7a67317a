import { tokens, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { PasswordChange, PasswordChanged } from "../schemas.ts";
import { endSessions } from "./end-sessions.ts";
import { hashPassword } from "./hash-password.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { provePassword } from "./prove-password.ts";
import { refuseBreached } from "./refuse-breached.ts";

/**
 * Changes the actor's password, ends the other sessions and voids reset links that are on their way.
 * @throws AppError unauthorized when the session has ended; validation_failed (`currentPassword`) when that is wrong, or `newPassword` known from a data breach; second_factor_required;
 * too_many_requests; conflict when the password was changed elsewhere at the same time
 */
export async function changePassword(context: Context<Env>, input: PasswordChange): Promise<PasswordChanged> {
  const { sessionId } = requireActor(context);
  const { userId, passwordVersion } = await provePassword(context, input.currentPassword, "currentPassword");
  await refuseBreached(context, "newPassword", input.newPassword);
  const passwordHash = await hashPassword(input.newPassword);
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const change = sql`
    WITH changed AS (
      UPDATE ${users} SET password_hash = ${passwordHash}, password_version = password_version + 1, updated_at = ${now}
      WHERE id = ${userId}::uuid AND password_version = ${passwordVersion}::int
      RETURNING id
    ), voided AS (
      UPDATE ${tokens} AS token SET used_at = ${now} FROM changed
      WHERE token.user_id = changed.id AND token.type = 'reset_password' AND token.used_at IS NULL
    ), told AS (
      ${appendEvents(context, "password.changed", {
        from: sql`changed`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id, 'by', 'change')`,
      })}
    ), noted AS (
      ${noteSecurityEvent(context, "password.changed", {
        from: sql`changed`,
        userId: sql`id`,
        details: sql`jsonb_build_object('by', 'change')`,
      })}
    )
    SELECT id FROM changed`;
  // A statement of its own, which sees also the sessions of log-ins that the first one waited for. The salted hash names this very change.
  const endOthers = endSessions(
    context,
    "password_change",
    sql`session.id <> ${sessionId}::uuid AND session.user_id =
      (SELECT id FROM ${users} WHERE id = ${userId}::uuid AND password_hash = ${passwordHash})`,
  );
  const [changed] = await context.db.batch([context.db.execute(change), context.db.execute(endOthers)]);
  if (changed.rows.length === 0)
    throw new AppError("conflict", "The password was changed elsewhere at the same time.");
  return { changed: true };
}
