import { alertHistory, alerts } from "@souk/db/schema/alerts";
import { log } from "@souk/db/schema/events";
import { uuidv7 } from "@souk/kit/ids";
import { and, asc, eq } from "drizzle-orm";
import { ownerDatabase } from "../../../test/owner-database.ts";
import { bucketOf } from "../src/bucket.ts";
import type { Pair } from "../src/env.ts";
import { NewAlert } from "../src/schemas.ts";
import { createAlert } from "../src/services/create-alert.ts";
import { evaluateAlerts } from "../src/services/evaluate-alerts.ts";
import { storePrices } from "../src/services/store-prices.ts";
import { atTime } from "./at-time.ts";

/** The test file's database as its owner. */
export const db = ownerDatabase();
const START = new Date("2024-01-02T12:00:00Z").getTime();
const MINUTE = 60_000;
/** Minutes after the start of the test's market. */
export const minutes = (after: number) => new Date(START + after * MINUTE);

let pairs = 0;
/** Each run watches a currency of its own. */
export function newPair(): Pair {
  pairs += 1;
  return {
    metal: "XAU",
    currency: [pairs / 676, pairs / 26, pairs]
      .map((n) => String.fromCharCode(65 + (Math.floor(n) % 26)))
      .join(""),
  };
}

/** Stores a price as a poll would that found it. */
export const store = (pair: Pair, price: string, at: Date, quotedAt = at) =>
  storePrices(atTime(at), {
    bucket: bucketOf(at),
    answers: [],
    judged: [{ pair, quotes: [], price: { price, bid: null, ask: null, sources: 1, quotedAt } }],
  });
/** A price and its evaluation. */
export const tick = async (pair: Pair, price: string, at: Date) => {
  await store(pair, price, at);
  await evaluateAlerts(atTime(at));
};
/** Creates an alert, by default above 100, with what is given. */
export const create = async (pair: Pair, alert: Record<string, unknown>, userId = uuidv7(new Date())) => {
  const context = atTime(new Date(), { pairs: [pair], userId });
  const wanted = NewAlert.parse({ type: "above", threshold: "100", ...pair, ...alert });
  return (await createAlert(context, wanted)).alert;
};
/** At which prices an alert fired, in order. */
export const firedValues = async (alertId: string) => {
  const rows = await db
    .select()
    .from(alertHistory)
    .where(eq(alertHistory.alertId, alertId))
    .orderBy(asc(alertHistory.triggeredAt));
  return rows.map(({ value }) => value);
};
/** The events of an alert that fired. */
export const eventsOf = (alertId: string) =>
  db
    .select()
    .from(log)
    .where(and(eq(log.type, "alert.triggered"), eq(log.aggregateId, alertId)));
/** Where an alert stands. */
export const stateOf = async (alertId: string) => {
  const [row] = await db
    .select({ state: alerts.state, active: alerts.active })
    .from(alerts)
    .where(eq(alerts.id, alertId));
  return row;
};
