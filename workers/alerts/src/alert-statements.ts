import { digestOf } from "@souk/db/erased";
import { isoTime } from "@souk/db/iso-time";
import { alerts, perFineOunce, presences, prices } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import type { Env } from "./env.ts";
import type { AlertChange, NewAlert } from "./schemas.ts";

/** How many alerts a person may keep, fired and paused ones included. */
export const MAX_ALERTS = 200;

/** The columns of an alert `a` as the API shows them. */
export const alertView = sql`a.id, a.client_id AS "clientId", a.metal, a.currency, a.alert_type AS type, a.threshold::text AS threshold, a.unit, a.karat, a.mode,
  a.hysteresis_percent::float8 AS "hysteresisPercent", a.cooldown_seconds AS "cooldownSeconds", a.start, a.note, a.active, a.state,
  ${isoTime(sql`a.last_triggered_at`)} AS "lastTriggeredAt", ${isoTime(sql`a.created_at`)} AS "createdAt", ${isoTime(sql`a.updated_at`)} AS "updatedAt"`;

/** Makes the changes of one person's alerts wait for each other until the transaction ends, so that the limit and the keys hold. */
export const lockAlertsOf = (userId: string): SQL =>
  sql`SELECT pg_advisory_xact_lock(hashtextextended('alerts:' || ${userId}::text, 0))`;

/**
 * The state in which an alert starts. With start `now` it fires at the next price even if it is already true. With `crossing` it first
 * waits for the price to be on the other side, unless the current price `p` is there; without a price nobody knows, so it waits.
 */
const startState = (type: SQL, start: SQL, thresholdToz: SQL): SQL =>
  sql`CASE WHEN ${start} = 'now' THEN 'armed' WHEN ${type} = 'above' AND p.price < ${thresholdToz} THEN 'armed'
    WHEN ${type} = 'below' AND p.price > ${thresholdToz} THEN 'armed' ELSE 'waiting' END`;

/**
 * Inserts an alert if the person has fewer than the most allowed and `when` holds; returns its view, or no row. Run it behind `lockAlertsOf`.
 */
export function insertAlert(context: Context<Env>, userId: string, alert: NewAlert, when: SQL): SQL {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  return sql`INSERT INTO ${alerts} AS a (id, user_id, client_id, metal, currency, alert_type, threshold, unit, karat, mode, hysteresis_percent,
      cooldown_seconds, start, note, active, state, resting, after_quoted_at, created_at, updated_at)
    SELECT ${context.newId()}::uuid, ${userId}::uuid, ${alert.clientId ?? null}::text, g.metal, g.currency, g.type, g.threshold, g.unit, g.karat,
      ${alert.mode}, ${alert.hysteresisPercent}::numeric, ${alert.cooldownSeconds}::int, g.start, ${alert.note}::text, true,
      ${startState(sql`g.type`, sql`g.start`, perFineOunce(sql`g.threshold`, sql`g.unit`, sql`g.karat`))},
      coalesce((SELECT away FROM ${presences} WHERE person = ${digestOf(userId)}), false), p.quoted_at, ${now}, ${now}
    FROM (SELECT ${alert.metal}::text AS metal, ${alert.currency}::text AS currency, ${alert.type}::text AS type, ${alert.threshold}::numeric AS threshold,
      ${alert.unit}::text AS unit, ${alert.karat}::int AS karat, ${alert.start}::text AS start) g
    LEFT JOIN ${prices} p ON p.metal = g.metal AND p.currency = g.currency
    WHERE (SELECT count(*) FROM ${alerts} WHERE user_id = ${userId}::uuid) < ${MAX_ALERTS} AND ${when}
    RETURNING ${alertView}`;
}

/**
 * Changes an alert and returns its view. What decides when it fires (metal, currency, type, threshold, unit, karat) sets it anew when it
 * changes, as if just created, and brings one that was done back; so does switching it on. The rest leaves its state alone.
 * @param which a condition that finds at most one alert `a`, its owner included
 * @param change fields left out keep their value
 */
export function changeAlert(
  context: Context<Env>,
  which: SQL,
  change: AlertChange & Partial<Pick<NewAlert, "metal" | "currency">>,
): SQL {
  const given = (value: string | number | null | undefined, column: string, type: string): SQL =>
    value === undefined ? sql.raw(`a.${column}`) : sql`${value}::${sql.raw(type)}`;
  const switched =
    change.active === undefined
      ? sql`m.active OR (m.moved AND m.state = 'done')`
      : sql`${change.active}::boolean`;
  return sql`WITH merged AS (
      SELECT a.id, a.state, a.active, ${given(change.metal, "metal", "text")} AS metal, ${given(change.currency, "currency", "text")} AS currency,
        ${given(change.type, "alert_type", "text")} AS type, ${given(change.threshold, "threshold", "numeric")} AS threshold,
        ${given(change.unit, "unit", "text")} AS unit, ${given(change.karat, "karat", "int")} AS karat, ${given(change.mode, "mode", "text")} AS mode,
        ${given(change.hysteresisPercent, "hysteresis_percent", "numeric")} AS hysteresis_percent,
        ${given(change.cooldownSeconds, "cooldown_seconds", "int")} AS cooldown_seconds, ${given(change.start, "start", "text")} AS start,
        ${given(change.note, "note", "text")} AS note, ROW(a.metal, a.currency, a.alert_type, a.threshold, a.unit, a.karat) AS before
      FROM ${alerts} a WHERE ${which} FOR UPDATE
    ), moved AS (
      SELECT *, before IS DISTINCT FROM ROW(metal, currency, type, threshold, unit, karat) AS moved FROM merged
    ), set AS (
      SELECT m.*, ${switched} AS switched, m.moved OR (NOT m.active AND ${switched}) AS anew FROM moved m
    )
    UPDATE ${alerts} a SET metal = s.metal, currency = s.currency, alert_type = s.type, threshold = s.threshold, unit = s.unit, karat = s.karat,
      mode = s.mode, hysteresis_percent = s.hysteresis_percent, cooldown_seconds = s.cooldown_seconds, start = s.start, note = s.note, active = s.switched,
      state = CASE WHEN s.anew THEN ${startState(sql`s.type`, sql`s.start`, perFineOunce(sql`s.threshold`, sql`s.unit`, sql`s.karat`))} ELSE s.state END,
      after_quoted_at = CASE WHEN s.anew THEN p.quoted_at ELSE a.after_quoted_at END, updated_at = ${context.now().toISOString()}::timestamptz
    FROM set s LEFT JOIN ${prices} p ON p.metal = s.metal AND p.currency = s.currency
    WHERE a.id = s.id RETURNING ${alertView}`;
}
