import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireAdmin } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { Ban, BanRequest } from "../schemas.ts";
import { endSessions } from "./end-sessions.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { storedBan } from "./stored-ban.ts";

const Row = z.object({ role: z.string() });

/**
 * Bans an account: ends all its sessions and refuses log-in until the ban expires. A ban there is replaced.
 * @throws AppError unauthorized, forbidden; validation_failed for an end in the past; not_found; conflict: admins cannot be banned
 */
export async function banUser(context: Context<Env>, userId: string, input: BanRequest): Promise<Ban> {
  const admin = requireAdmin(context);
  const start = context.now();
  const until = input.expiresAt ?? null;
  if (until !== null && Date.parse(until) <= start.getTime()) {
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field: "expiresAt", message: "is not in the future" }],
    });
  }
  const now = sql`${start.toISOString()}::timestamptz`;
  const ban = sql`
    WITH person AS (
      SELECT id, role, ${storedBan(sql`account`)} AS before FROM ${users} AS account WHERE id = ${userId}::uuid FOR NO KEY UPDATE
    ), banned AS (
      UPDATE ${users} AS account SET banned_at = ${now}, ban_reason = ${input.reason}, ban_expires_at = ${until}::timestamptz, updated_at = ${now}
      FROM person WHERE account.id = person.id AND account.role <> 'admin'
      RETURNING account.id, person.before
    ), told AS (
      ${appendEvents(context, "user.banned", {
        from: sql`banned`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id, 'bannedBy', ${admin.userId}::text, 'until', ${until}::text, 'before', before)`,
      })}
    ), noted AS (${noteSecurityEvent(context, "user.banned", { from: sql`banned`, userId: sql`id`, details: sql`jsonb_build_object('reason', ${input.reason}::text, 'until', ${until}::text)` })})
    SELECT role FROM person`;
  // A statement of its own, which sees also the sessions of log-ins that the first one waited for.
  const endAll = endSessions(
    context,
    "ban",
    sql`session.user_id = (SELECT id FROM ${users} WHERE id = ${userId}::uuid AND banned_at = ${now})`,
  );
  const [found] = await context.db.batch([context.db.execute(ban), context.db.execute(endAll)]);
  const person = Row.safeParse(found.rows[0]).data;
  if (person === undefined) throw new AppError("not_found", "There is no such account.");
  if (person.role === "admin") throw new AppError("conflict", "An admin's role must be taken away first.");
  return { userId, reason: input.reason, bannedAt: start.toISOString(), expiresAt: until };
}
