import { alertHistory, alerts, perUnit, priceHistory, prices } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { isoTime } from "../iso-time.ts";

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

/** Alerts of the tick's pair in one state, not resting, that heard of no newer price when they were set; none once the tick has been evaluated. */
const concerned = (tick: Tick, state: "armed" | "waiting", type: "above" | "below"): SQL =>
  sql`a.state = ${sql.raw(`'${state}'`)} AND a.active AND NOT a.resting AND a.metal = ${tick.metal} AND a.currency = ${tick.currency} AND a.alert_type = ${type}
    AND (a.after_quoted_at IS NULL OR a.after_quoted_at < ${tick.quotedAt}::timestamptz)
    AND EXISTS (SELECT FROM ${priceHistory} h WHERE h.id = ${tick.id}::uuid AND h.evaluated_at IS NULL)`;

/** `above` fires at or above its threshold, `below` at or below it. */
const crossed = (tick: Tick, type: "above" | "below"): SQL =>
  sql`${concerned(tick, "armed", type)} AND a.threshold_toz ${type === "above" ? sql`<=` : sql`>=`} ${tick.price}::numeric`;

/** Past the re-arm level with the cooldown over, both at this tick. Never true of an alert that this tick crosses. */
const recovered = (tick: Tick, type: "above" | "below"): SQL =>
  sql`${concerned(tick, "waiting", type)} AND a.rearm_toz ${type === "above" ? sql`>` : sql`<`} ${tick.price}::numeric
    AND (a.last_triggered_at IS NULL OR a.last_triggered_at + a.cooldown_seconds * interval '1 second' <= ${tick.at}::timestamptz)`;

/** As an array, since of a join the planner expects thousands of rows and then reads the whole table. */
const among = (cte: "crossed" | "recovered"): SQL => sql`a.id = ANY (ARRAY(SELECT id FROM ${sql.raw(cte)}))`;

/** Arms the waiting alerts that the price has left far enough behind. */
export const rearmRecovered = (tick: Tick, type: "above" | "below"): SQL =>
  sql`WITH recovered AS (SELECT a.id FROM ${alerts} a WHERE ${recovered(tick, type)} ORDER BY a.rearm_toz LIMIT ${CHUNK} FOR UPDATE)
    UPDATE ${alerts} a SET state = 'armed' WHERE ${among("recovered")}`;

/** Fires the crossed alerts: their new state, their history and their events in one statement. */
export function fireCrossed(context: Context<Env>, tick: Tick, type: "above" | "below"): SQL {
  const at = sql`${tick.at}::timestamptz`;
  const value = (price: string | null) => perUnit(sql`${price}::numeric`, sql`unit`, sql`karat`);
  return sql`WITH crossed AS (
      SELECT a.id FROM ${alerts} a WHERE ${crossed(tick, type)} ORDER BY a.threshold_toz LIMIT ${CHUNK} FOR UPDATE
    ), fired AS (
      UPDATE ${alerts} a SET state = CASE a.mode WHEN 'one_shot' THEN 'done' ELSE 'waiting' END, active = (a.mode = 'recurring'), last_triggered_at = ${at}
      WHERE ${among("crossed")}
      RETURNING events.uuid_v7(${at}) AS history_id, a.id, a.user_id, a.metal, a.currency, a.alert_type, a.threshold, a.unit, a.karat, a.note
    ), history AS (
      INSERT INTO ${alertHistory} (id, alert_id, user_id, price_history_id, triggered_at, value, previous_value, threshold, unit, karat, quoted_at, sources)
      SELECT history_id, id, user_id, ${tick.id}::uuid, ${at}, ${value(tick.price)}, ${value(tick.previous)}, threshold, unit, karat,
        ${tick.quotedAt}::timestamptz, ${tick.sources}::int FROM fired
    )
    ${appendEvents(context, "alert.triggered", {
      from: sql`fired`,
      id: sql`events.uuid_v7(${at})`,
      aggregateId: sql`id::text`,
      data: sql`jsonb_build_object('alertId', id, 'historyId', history_id, 'userId', user_id, 'metal', metal, 'currency', currency, 'type', alert_type,
        'threshold', threshold::text, 'unit', unit, 'karat', karat, 'price', ${value(tick.price)}::text, 'note', note,
        'quotedAt', ${tick.quotedAt}::text, 'triggeredAt', ${tick.at}::text)`,
    })}`;
}

/** In the order of the index: of a bare EXISTS the planner expects a match soon and then reads the whole table to find none. */
const noneLeft = (condition: SQL, level: SQL): SQL =>
  sql`(SELECT a.id FROM ${alerts} a WHERE ${condition} ORDER BY ${level} LIMIT 1) IS NULL`;
const noneCrossed = (tick: Tick, type: "above" | "below"): SQL =>
  noneLeft(crossed(tick, type), sql`a.threshold_toz`);
const noneRecovered = (tick: Tick, type: "above" | "below"): SQL =>
  noneLeft(recovered(tick, type), sql`a.rearm_toz`);

/** Marks a tick as done, unless an alert is left that it crosses or arms. Returns its id, or no row. */
export const markDone = (context: Context<Env>, tick: Tick): SQL =>
  sql`UPDATE ${priceHistory} SET evaluated_at = coalesce(evaluated_at, ${context.now().toISOString()}::timestamptz)
    WHERE id = ${tick.id}::uuid AND ${noneCrossed(tick, "above")} AND ${noneCrossed(tick, "below")}
      AND ${noneRecovered(tick, "above")} AND ${noneRecovered(tick, "below")} RETURNING id`;

/** One transaction; its first statement keeps other runs off this tick until it ends. True when the tick is done with. */
async function advance(context: Context<Env>, tick: Tick): Promise<boolean> {
  const { db } = context;
  const [, , , , , done] = await db.batch([
    db.execute(
      sql`SELECT FROM ${priceHistory} WHERE id = ${tick.id}::uuid AND evaluated_at IS NULL FOR UPDATE`,
    ),
    db.execute(rearmRecovered(tick, "above")),
    db.execute(rearmRecovered(tick, "below")),
    db.execute(fireCrossed(context, tick, "above")),
    db.execute(fireCrossed(context, tick, "below")),
    db.execute(markDone(context, tick)),
  ]);
  return done.rows.length === 1;
}

/**
 * Evaluates the alerts against every price not yet evaluated, oldest first. A tick touches only the alerts that it crosses or arms again,
 * in chunks of one transaction each; then it is marked. A crash between two chunks, a repeat or a parallel run loses and doubles nothing:
 * each transaction holds the tick's row and does nothing once it is marked.
 */
export async function evaluateAlerts(context: Context<Env>): Promise<void> {
  for (;;) {
    const ticks = z.array(Tick).parse((await context.db.execute(pendingTicks)).rows);
    if (ticks.length === 0) return;
    for (const tick of ticks) while (!(await advance(context, tick)));
  }
}
