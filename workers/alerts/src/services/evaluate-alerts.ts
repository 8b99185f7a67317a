import { isoTime } from "@souk/db/iso-time";
import { alertHistory, alerts, perUnit, priceHistory, prices } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";

/** Alerts that one statement fires or arms: well below the statement timeout. */
const CHUNK = 5_000;

/** Prices read at once; after an outage there may be many. */
const PENDING = 100;

const Tick = z.object({
  id: z.uuid(),
  metal: z.string(),
  currency: z.string(),
  price: z.string(),
  previous: z.string().nullable(),
  sources: z.number(),
  quotedAt: z.string(),
  at: z.string(),
});
/** One row of the price history that alerts have not yet been evaluated against. Times are ISO 8601. */
export type Tick = z.infer<typeof Tick>;

const pendingTicks = sql`SELECT h.id, p.metal, p.currency, h.new_value AS price, h.old_value AS previous, h.sources,
    ${isoTime(sql`h.quoted_at`)} AS "quotedAt", ${isoTime(sql`h.changed_at`)} AS at
  FROM ${priceHistory} h JOIN ${prices} p ON p.id = h.price_id
  WHERE h.evaluated_at IS NULL AND NOT h.late ORDER BY h.quoted_at, h.id LIMIT ${PENDING}`;

type AlertType = "above" | "below";

/** Alerts of the tick's pair in one state, not resting, that heard of no newer price when they were set; none once the tick has been evaluated. */
const concerned = (tick: Tick, state: "armed" | "waiting", type: AlertType): SQL =>
  sql`a.state = ${sql.raw(`'${state}'`)} AND a.active AND NOT a.resting AND a.metal = ${tick.metal} AND a.currency = ${tick.currency} AND a.alert_type = ${type}
    AND (a.after_quoted_at IS NULL OR a.after_quoted_at < ${tick.quotedAt}::timestamptz) AND EXISTS (SELECT FROM tick)`;

/** `above` fires at or above its threshold, `below` at or below it. */
const crossed = (tick: Tick, type: AlertType): SQL =>
  sql`SELECT a.id FROM ${alerts} a WHERE ${concerned(tick, "armed", type)} AND a.threshold_toz ${type === "above" ? sql`<=` : sql`>=`} ${tick.price}::numeric
    ORDER BY a.threshold_toz LIMIT ${CHUNK} FOR UPDATE`;

/** Past the re-arm level with the cooldown over, both at this tick. Never true of an alert that this tick crosses. */
const recovered = (tick: Tick, type: AlertType): SQL =>
  sql`SELECT a.id FROM ${alerts} a WHERE ${concerned(tick, "waiting", type)} AND a.rearm_toz ${type === "above" ? sql`>` : sql`<`} ${tick.price}::numeric
    AND (a.last_triggered_at IS NULL OR a.last_triggered_at + a.cooldown_seconds * interval '1 second' <= ${tick.at}::timestamptz)
    ORDER BY a.rearm_toz LIMIT ${CHUNK} FOR UPDATE`;

/** A chunk of both types, each in the order of its index. */
const chunk = (found: (tick: Tick, type: AlertType) => SQL, tick: Tick): SQL =>
  sql`SELECT id FROM (${found(tick, "above")}) above UNION ALL SELECT id FROM (${found(tick, "below")}) below LIMIT ${CHUNK}`;

/** As an array, since of a join the planner expects thousands of rows and then reads the whole table. */
const among = (cte: "crossed" | "recovered"): SQL => sql`a.id = ANY (ARRAY(SELECT id FROM ${sql.raw(cte)}))`;
const full = (cte: "crossed" | "recovered"): SQL => sql`(SELECT count(*) FROM ${sql.raw(cte)}) = ${CHUNK}`;

/**
 * One statement, and so one transaction, that arms the waiting alerts which the price has left far enough behind, and fires the crossed
 * ones: their new state, their history and their events. It marks the tick when no chunk was full; its row says whether there is `more`.
 * The lock keeps other runs off the tick; one that waited for it finds the tick marked, or checks each alert again as it locks it.
 */
export function advance(context: Context<Env>, tick: Tick): SQL {
  const at = sql`${tick.at}::timestamptz`;
  const value = (price: string | null) => perUnit(sql`${price}::numeric`, sql`unit`, sql`karat`);
  return sql`WITH tick AS (
      SELECT id FROM ${priceHistory} WHERE id = ${tick.id}::uuid AND evaluated_at IS NULL FOR UPDATE
    ), recovered AS (${chunk(recovered, tick)}
    ), armed AS (
      UPDATE ${alerts} a SET state = 'armed' WHERE ${among("recovered")}
    ), crossed AS (${chunk(crossed, tick)}
    ), fired AS (
      UPDATE ${alerts} a SET state = CASE a.mode WHEN 'one_shot' THEN 'done' ELSE 'waiting' END, active = (a.mode = 'recurring'), last_triggered_at = ${at}
      WHERE ${among("crossed")}
      RETURNING events.uuid_v7(${at}) AS history_id, a.id, a.user_id, a.metal, a.currency, a.alert_type, a.threshold, a.unit, a.karat, a.note
    ), history AS (
      INSERT INTO ${alertHistory} (id, alert_id, user_id, price_history_id, triggered_at, value, previous_value, threshold, unit, karat, quoted_at, sources)
      SELECT history_id, id, user_id, ${tick.id}::uuid, ${at}, ${value(tick.price)}, ${value(tick.previous)}, threshold, unit, karat,
        ${tick.quotedAt}::timestamptz, ${tick.sources}::int FROM fired
    ), event AS (
      ${appendEvents(context, "alert.triggered", {
        from: sql`fired`,
        id: sql`events.uuid_v7(${at})`,
        aggregateId: sql`id::text`,
        data: sql`jsonb_build_object('alertId', id, 'historyId', history_id, 'userId', user_id, 'metal', metal, 'currency', currency, 'type', alert_type,
          'threshold', threshold::text, 'unit', unit, 'karat', karat, 'price', ${value(tick.price)}::text, 'note', note,
          'quotedAt', ${tick.quotedAt}::text, 'triggeredAt', ${tick.at}::text)`,
      })}
    ), marked AS (
      UPDATE ${priceHistory} SET evaluated_at = ${context.now().toISOString()}::timestamptz
      WHERE id = (SELECT id FROM tick) AND NOT ${full("crossed")} AND NOT ${full("recovered")}
    )
    SELECT ${full("crossed")} OR ${full("recovered")} AS more`;
}

const Advanced = z.tuple([z.object({ more: z.boolean() })]);

/**
 * Evaluates the alerts against every price not yet evaluated, oldest first. A tick touches only the alerts that it crosses or arms again,
 * in chunks of one transaction each; then it is marked. A crash between two chunks, a repeat or a parallel run loses and doubles nothing.
 */
export async function evaluateAlerts(context: Context<Env>): Promise<void> {
  for (;;) {
    const ticks = z.array(Tick).parse((await context.db.execute(pendingTicks)).rows);
    for (const tick of ticks) {
      let more = true;
      while (more) [{ more }] = Advanced.parse((await context.db.execute(advance(context, tick))).rows);
    }
    // A price stored meanwhile is evaluated by the run that stored it.
    if (ticks.length < PENDING) return;
  }
}
