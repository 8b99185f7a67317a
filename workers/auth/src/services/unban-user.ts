import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireAdmin } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { storedBan } from "./stored-ban.ts";

/** Lifts a ban; without one nothing changes. Ended sessions stay ended. @throws AppError unauthorized, forbidden, not_found */
export async function unbanUser(context: Context<Env>, userId: string): Promise<void> {
  const admin = requireAdmin(context);
  const { rows } = await context.db.execute(sql`
    WITH person AS (
      SELECT id, ${storedBan(sql`account`)} AS before FROM ${users} AS account
      WHERE id = ${userId}::uuid AND banned_at IS NOT NULL FOR NO KEY UPDATE
    ), lifted AS (
      UPDATE ${users} AS account SET banned_at = NULL, ban_reason = NULL, ban_expires_at = NULL, updated_at = ${context.now().toISOString()}::timestamptz
      FROM person WHERE account.id = person.id RETURNING account.id, person.before
    ), told AS (
      ${appendEvents(context, "user.unbanned", {
        from: sql`lifted`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id, 'unbannedBy', ${admin.userId}::text, 'before', before)`,
      })}
    ), noted AS (${noteSecurityEvent(context, "user.unbanned", { from: sql`lifted`, userId: sql`id` })})
    SELECT id FROM ${users} WHERE id = ${userId}::uuid`);
  if (rows.length === 0) throw new AppError("not_found", "There is no such account.");
}
