import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { and, eq, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Deactivated } from "../account-life-schemas.ts";
import type { PasswordProof } from "../schemas.ts";
import { endSessions } from "./end-sessions.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { provePassword } from "./prove-password.ts";

/**
 * Puts the actor's account to sleep until the next log-in, and ends all its sessions.
 * @throws AppError unauthorized when the session has ended; validation_failed (`password`) when that is wrong; second_factor_required; conflict when the account
 * was changed at the same time
 */
export async function deactivateAccount(
  context: Context<Env>,
  { password }: PasswordProof,
): Promise<Deactivated> {
  const { userId, passwordVersion } = await provePassword(context, password);
  const { db } = context;
  const [, , [account]] = await db.batch([
    db.execute(sql`
      WITH sleeping AS (
        UPDATE ${users} SET status = 'deactivated', presence_change = presence_change + 1, updated_at = ${context.now().toISOString()}::timestamptz
        WHERE id = ${userId}::uuid AND password_version = ${passwordVersion}::int AND status = 'active'
        RETURNING id, presence_change
      ), noted AS (${noteSecurityEvent(context, "account.deactivated", { from: sql`sleeping`, userId: sql`id` })})
      ${appendEvents(context, "account.deactivated", {
        from: sql`sleeping`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id, 'change', presence_change)`,
      })}`),
    // A statement of its own, which sees also the sessions of log-ins that the first one waited for.
    db.execute(
      endSessions(
        context,
        "deactivation",
        sql`session.user_id = (SELECT id FROM ${users} WHERE id = ${userId}::uuid AND status = 'deactivated')`,
      ),
    ),
    db
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, userId), eq(users.status, "deactivated"))),
  ]);
  if (account === undefined)
    throw new AppError("conflict", "The account was changed elsewhere at the same time.");
  return { status: "deactivated" };
}
