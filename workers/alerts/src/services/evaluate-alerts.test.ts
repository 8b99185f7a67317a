import { alertHistory } from "@souk/db/schema/alerts";
import { EVENTS } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { atTime } from "../../test/at-time.ts";
import {
  create,
  db,
  eventsOf,
  firedValues,
  minutes,
  newPair,
  stateOf,
  store,
  tick,
} from "../../test/market.ts";
import { evaluateAlerts } from "./evaluate-alerts.ts";
import { updateAlert } from "./update-alert.ts";

describe("one alert", () => {
  it("fires once, at the threshold and not before, and tells all of it", async () => {
    const pair = newPair();
    const alert = await create(pair, { threshold: "100.50", note: "sell" });
    await tick(pair, "100.4", minutes(0));
    expect(await firedValues(alert.id)).toEqual([]);
    await tick(pair, "100.5", minutes(5));
    await tick(pair, "101", minutes(10));
    expect(await firedValues(alert.id)).toEqual(["100.5"]);
    expect(await stateOf(alert.id)).toEqual({ state: "done", active: false });
    const [history] = await db.select().from(alertHistory).where(eq(alertHistory.alertId, alert.id));
    expect(history).toMatchObject({
      threshold: "100.50",
      previousValue: "100.4",
      sources: 1,
      quotedAt: minutes(5),
      triggeredAt: minutes(5),
    });
    const [event, ...more] = await eventsOf(alert.id);
    expect(more).toEqual([]);
    expect(EVENTS["alert.triggered"].data.parse(event?.data)).toEqual({
      alertId: alert.id,
      historyId: history?.id,
      userId: history?.userId,
      ...pair,
      type: "above",
      threshold: "100.50",
      unit: "toz",
      karat: 24,
      price: "100.5",
      note: "sell",
      quotedAt: minutes(5).toISOString(),
      triggeredAt: minutes(5).toISOString(),
    });
    expect(event).toMatchObject({
      source: "alerts",
      version: 1,
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/),
    });
  });

  it("shows the price in its own unit and karat", async () => {
    const pair = newPair();
    const alert = await create(pair, { threshold: "75", unit: "g", karat: 18 });
    await tick(pair, "3110.34767", minutes(0));
    await tick(pair, "3110.34768", minutes(5));
    expect(await firedValues(alert.id)).toEqual(["75"]);
  });

  it("with start `crossing` waits for the price to come from the other side", async () => {
    const pair = newPair();
    await tick(pair, "110", minutes(0));
    const alert = await create(pair, { start: "crossing", hysteresisPercent: 1 });
    const now = await create(pair, {});
    expect([alert.state, now.state]).toEqual(["waiting", "armed"]);
    await tick(pair, "111", minutes(5));
    await tick(pair, "99.5", minutes(10));
    await tick(pair, "101", minutes(15));
    expect(await firedValues(alert.id)).toEqual([]);
    await tick(pair, "98.9", minutes(20));
    await tick(pair, "102", minutes(25));
    expect(await firedValues(alert.id)).toEqual(["102"]);
    expect(await firedValues(now.id)).toEqual(["111"]);
  });

  it("that is exactly at its threshold is already true", async () => {
    const pair = newPair();
    await tick(pair, "100", minutes(0));
    const states = ["above", "below"].map(
      async (type) => (await create(pair, { type, start: "crossing" })).state,
    );
    expect(await Promise.all(states)).toEqual(["waiting", "waiting"]);
    const below = await create(pair, { type: "below" });
    await tick(pair, "100.00", minutes(5));
    expect(await firedValues(below.id)).toEqual(["100"]);
  });

  it("set anew by a change fires again, and a price from before the change does not count", async () => {
    const pair = newPair();
    const userId = uuidv7(new Date());
    const alert = await create(pair, {}, userId);
    const change = (fields: object) =>
      updateAlert(atTime(new Date(), { pairs: [pair], userId }), alert.id, fields);
    await tick(pair, "110", minutes(0));
    await store(pair, "121", minutes(5));
    expect(await change({ threshold: "120" })).toMatchObject({ state: "armed", active: true });
    await evaluateAlerts(atTime(minutes(5)));
    expect(await firedValues(alert.id)).toEqual(["110"]);
    await tick(pair, "122", minutes(10));
    expect(await firedValues(alert.id)).toEqual(["110", "122"]);
    expect(await change({ note: "x" })).toMatchObject({ state: "done", active: false });
    expect(await change({ active: true })).toMatchObject({ state: "armed", active: true });
    expect(await change({ active: false })).toMatchObject({ active: false });
    await tick(pair, "123", minutes(15));
    expect(await firedValues(alert.id)).toEqual(["110", "122"]);
    expect(await change({ threshold: "121" })).toMatchObject({ active: false });
  });
});
