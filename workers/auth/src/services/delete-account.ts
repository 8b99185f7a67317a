import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { and, eq, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { Deletion } from "../account-life-schemas.ts";
import type { PasswordProof } from "../schemas.ts";
import { endSessions } from "./end-sessions.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { provePassword } from "./prove-password.ts";

/**
 * Sets the day on which the actor's account is erased, and ends all its sessions. A log-in before that day cancels it; of several requests
 * at once the first sets the day.
 * @throws AppError unauthorized when the session has ended; validation_failed (`password`) when that is wrong; second_factor_required; conflict when the password
 * was changed at the same time
 */
export async function deleteAccount(context: Context<Env>, { password }: PasswordProof): Promise<Deletion> {
  const { userId, passwordVersion } = await provePassword(context, password);
  const { db } = context;
  const now = context.now();
  const deleteAfter = later(now, LIMITS.deletionGrace).toISOString();
  const [, , [account]] = await db.batch([
    db.execute(sql`
      WITH leaving AS (
        UPDATE ${users} SET status = 'deleting', presence_change = presence_change + 1, delete_after = ${deleteAfter}::timestamptz, updated_at = ${now.toISOString()}::timestamptz
        WHERE id = ${userId}::uuid AND password_version = ${passwordVersion}::int AND status = 'active'
        RETURNING id, presence_change
      ), noted AS (${noteSecurityEvent(context, "account.deletion_requested", { from: sql`leaving`, userId: sql`id` })})
      ${appendEvents(context, "account.deletion_requested", {
        from: sql`leaving`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id, 'change', presence_change, 'deleteAfter', ${deleteAfter}::text)`,
      })}`),
    // A statement of its own, which sees also the sessions of log-ins that the first one waited for.
    db.execute(
      endSessions(
        context,
        "deletion",
        sql`session.user_id = (SELECT id FROM ${users} WHERE id = ${userId}::uuid AND status = 'deleting')`,
      ),
    ),
    db
      .select({ deleteAfter: users.deleteAfter })
      .from(users)
      .where(and(eq(users.id, userId), eq(users.status, "deleting"))),
  ]);
  if (!account?.deleteAfter)
    throw new AppError("conflict", "The account was changed elsewhere at the same time.");
  return { status: "deleting", deleteAfter: account.deleteAfter.toISOString() };
}
