import { sessions } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql, type SQL } from "drizzle-orm";
import { noteSecurityEvent } from "./note-security-event.ts";

type Reason = NonNullable<(typeof sessions.$inferSelect)["revokedReason"]>;

/**
 * The statement that ends sessions and tells of each by `session.revoked`. From then on they cannot be refreshed; the gateway refuses
 * their access tokens by the control snapshot, and their WebSockets are closed.
 * An admin's session takes those with it that act as somebody else by it.
 * @param which a condition on `session`; those that have ended already are left as they are
 */
export function endSessions(context: Context, reason: Reason, which: SQL): SQL {
  return sql`WITH ${endedSessions(context, reason, which)} SELECT id FROM ended`;
}

/** The same as CTEs of a statement that has other effects. @returns `ended`, and those of `tellEnded` */
export function endedSessions(context: Context, reason: Reason, which: SQL): SQL {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  return sql`meant AS (
      SELECT session.id FROM ${sessions} AS session WHERE ${which} AND session.revoked_at IS NULL
    ), ended AS (
      UPDATE ${sessions} AS session SET revoked_at = ${now}, revoked_reason = ${reason}, updated_at = ${now}
      WHERE session.revoked_at IS NULL AND session.id = ANY (ARRAY(SELECT id FROM meant UNION
        SELECT lent.id FROM ${sessions} AS lent JOIN meant ON lent.impersonator_session_id = meant.id))
      RETURNING session.id, session.user_id, session.device, session.impersonator_id
    ), ${tellEnded(context, sql`ended`, sql`${reason}::text`)}, ended_impersonation AS (
      ${appendEvents(context, "impersonation.ended", {
        from: sql`ended WHERE impersonator_id IS NOT NULL`,
        id: sql`events.uuid_v7(${now})`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id, 'sessionId', id, 'impersonatedBy', impersonator_id, 'reason', ${reason}::text)`,
      })}
    )`;
}

/** CTEs that tell of each session of another one with `id`, `user_id` and `device`. */
export const tellEnded = (context: Context, from: SQL, reason: SQL): SQL =>
  sql`ended_told AS (${appendEvents(context, "session.revoked", {
    from,
    id: sql`events.uuid_v7(${context.now().toISOString()}::timestamptz)`,
    aggregateId: sql`id`,
    data: sql`jsonb_build_object('userId', user_id, 'sessionId', id, 'reason', ${reason})`,
  })}), ended_noted AS (${noteSecurityEvent(context, "session.revoked", {
    from,
    userId: sql`user_id`,
    details: sql`jsonb_build_object('sessionId', id, 'endedDevice', device, 'reason', ${reason})`,
  })})`;
