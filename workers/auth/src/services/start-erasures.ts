import { erasures } from "@souk/db/schema/auth-account-life";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";

/** One statement's worth; what is left waits for the next run. */
const BATCH = 200;

/**
 * Starts the erasure of accounts whose time to think better is over, and asks again where a service has not answered within a day. From
 * here a log-in is refused; of a log-in at the same moment, the row's lock lets one win.
 * @returns how many erasures were asked for
 */
export async function startErasures(context: Context<Env>): Promise<number> {
  const at = context.now();
  const now = sql`${at.toISOString()}::timestamptz`;
  const { rows } = await context.db.execute(sql`
    WITH due AS (
      SELECT id FROM ${users} WHERE status = 'deleting' AND delete_after <= ${now}
      ORDER BY delete_after LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
    ), erasing AS (
      UPDATE ${users} AS person SET status = 'erasing', updated_at = ${now} FROM due WHERE person.id = due.id RETURNING person.id
    ), begun AS (
      INSERT INTO ${erasures} (id, user_id, started_at, asked_at)
      SELECT events.uuid_v7(${now}), id, ${now}, ${now} FROM erasing
      RETURNING id, user_id
    ), silent AS (
      SELECT id FROM ${erasures} WHERE finished_at IS NULL AND asked_at <= ${later(at, -LIMITS.erasureAnswer).toISOString()}::timestamptz
      ORDER BY asked_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
    ), reminded AS (
      UPDATE ${erasures} AS erasure SET asked_at = ${now} FROM silent WHERE erasure.id = silent.id RETURNING erasure.id, erasure.user_id
    ), asked AS (SELECT * FROM begun UNION ALL SELECT * FROM reminded), event AS (
      ${appendEvents(context, "person.erasure_requested", {
        from: sql`asked`,
        id: sql`events.uuid_v7(${now})`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id, 'erasureId', id)`,
      })}
    )
    SELECT id FROM asked`);
  if (rows.length > 0) context.log.info("erasures asked for", { count: rows.length });
  return rows.length;
}
