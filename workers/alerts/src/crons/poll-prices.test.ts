import { alerts, exchanges, priceHistory, prices, quotes } from "@souk/db/schema/alerts";
import { log } from "@souk/db/schema/events";
import { EVENTS } from "@souk/kit/events";
import { and, asc, count, eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { fakeSources, SOURCES, type Said } from "../../test/fake-sources.ts";
import { person } from "../../test/person.ts";
import { runCron } from "../../test/run-cron.ts";
import { Alert, AlertHistoryPage } from "../schemas.ts";

const db = ownerDatabase();
const MINUTE = 60_000;

// Each test has a day of its own, so that the day before is never too near.
let day = Date.UTC(2024, 0, 1, 12);
beforeEach(() => {
  day += 24 * 60 * MINUTE;
});
afterEach(() => vi.restoreAllMocks());

const at = (minutes: number) => new Date(day + minutes * MINUTE);
const current = async () => (await db.select().from(prices))[0];
const quotesOf = async (bucket: Date) => {
  const rows = await db
    .select({ source: exchanges.name, price: quotes.price, reason: quotes.reason })
    .from(quotes)
    .innerJoin(exchanges, eq(exchanges.id, quotes.exchangeId))
    .where(eq(quotes.bucket, bucket))
    .orderBy(asc(exchanges.name));
  return Object.fromEntries(rows.map(({ source, price, reason }) => [source, reason ?? price]));
};
const healthOf = async (name: string) =>
  (await db.select().from(exchanges).where(eq(exchanges.name, name)))[0];
/** One poll in which all sources say 100, but for those given. */
const poll = async (minutes: number, said: Partial<Record<(typeof SOURCES)[number], Said>> = {}) => {
  const calls = fakeSources((source) => said[source] ?? { price: 100, at: at(minutes) });
  await runCron(at(minutes));
  vi.restoreAllMocks();
  return calls;
};
const historyRows = async () => (await db.select({ n: count() }).from(priceHistory))[0]?.n ?? 0;

describe("a poll", () => {
  it("asks all sources, stores what each said, the price, its change and its event", async () => {
    await poll(0);
    const calls = await poll(5, {
      goldapi: { price: 102, at: at(4) },
      metalsdev: { price: 101, at: at(5) },
      metalpriceapi: { price: 101.5, at: at(3) },
    });
    expect(calls.toSorted()).toEqual(SOURCES.toSorted());
    expect(await quotesOf(at(5))).toEqual({ goldapi: "102", "metals-dev": "101", metalpriceapi: "101.5" });
    const price = await current();
    expect(price).toMatchObject({
      metal: "XAU",
      currency: "USD",
      goldWeight: "toz",
      price: "101.5",
      change: "1.5",
      sources: 3,
      bid: "102",
      ask: "102",
    });
    expect(price).toMatchObject({ quotedAt: at(5), fetchedAt: at(5) });
    const [event] = await db
      .select()
      .from(log)
      .where(and(eq(log.type, "price.updated"), eq(log.occurredAt, at(5))));
    expect(EVENTS["price.updated"].data.parse(event?.data)).toEqual({
      metal: "XAU",
      currency: "USD",
      price: "101.5",
      previousPrice: "100",
      quotedAt: at(5).toISOString(),
      fetchedAt: at(5).toISOString(),
    });
    expect(await healthOf("goldapi")).toMatchObject({
      polledAt: at(5),
      answeredAt: at(5),
      failure: null,
      apiUrl: "http://127.0.0.1:1/goldapi",
    });
  });

  it.each([
    ["zero", () => ({ price: 0, at: at(5) }), "out_of_range"],
    ["negative", () => ({ price: -100, at: at(5) }), "out_of_range"],
    ["tenfold", () => ({ price: 1000, at: at(5) }), "outlier"],
    ["a little off", () => ({ price: 104, at: at(5) }), "disagrees"],
    ["a week old", () => ({ price: 100, at: at(5 - 7 * 24 * 60) }), "stale"],
  ])(
    "refuses a source that says %s, with the reason, and goes on with the others",
    async (_, said, reason) => {
      await poll(0);
      await poll(5, { metalsdev: said() });
      expect(await quotesOf(at(5))).toEqual({ goldapi: "100", "metals-dev": reason, metalpriceapi: "100" });
      expect(await current()).toMatchObject({ price: "100", sources: 2, quotedAt: at(5) });
    },
  );

  it.each([
    ["cut-off JSON", () => new Response('{"price": 12', { headers: { "content-type": "application/json" } })],
    [
      "a page",
      () =>
        new Response("<!doctype html><title>Maintenance</title>", {
          headers: { "content-type": "text/html" },
        }),
    ],
    ["nothing", () => new Response(null)],
    ["a refusal", () => Response.json({ error: "Invalid API Key" }, { status: 403 })],
  ])("does without a source that answers %s, asks it once, and notes it", async (_, answer) => {
    await poll(0);
    const calls = await poll(5, { goldapi: answer });
    expect(calls.filter((source) => source === "goldapi")).toHaveLength(1);
    expect(await quotesOf(at(5))).toEqual({ "metals-dev": "100", metalpriceapi: "100" });
    expect(await current()).toMatchObject({ sources: 2, quotedAt: at(5) });
    expect(await healthOf("goldapi")).toMatchObject({
      polledAt: at(5),
      answeredAt: at(0),
      failure: expect.stringMatching(/./),
    });
  });

  it("keeps the last price when all lie, and changes no alert", async () => {
    await poll(0);
    const before = await historyRows();
    const lie = { price: 1000, at: at(5) };
    await poll(5, { goldapi: lie, metalsdev: lie, metalpriceapi: lie });
    expect(await current()).toMatchObject({ price: "100", quotedAt: at(0) });
    expect(await historyRows()).toBe(before);
  });

  it("keeps a quote that is older than the current price for the record only", async () => {
    await poll(0);
    await poll(5);
    const old = { price: 99, at: at(3) };
    await poll(10, { goldapi: old, metalsdev: old, metalpriceapi: old });
    expect(await current()).toMatchObject({ price: "100", quotedAt: at(5) });
    const [row] = await db
      .select()
      .from(priceHistory)
      .where(eq(priceHistory.bucket, at(10)));
    expect(row).toMatchObject({ newValue: "99", late: true, evaluatedAt: null });
  });

  it("does nothing twice when its run is repeated, late or missed", async () => {
    await poll(0);
    const before = await historyRows();
    expect(await poll(0)).toEqual([]);
    expect(await poll(0.5)).toEqual([]);
    expect(await historyRows()).toBe(before);
    expect(await poll(20)).toHaveLength(3);
    expect(await current()).toMatchObject({ quotedAt: at(20) });
  });
});

describe("20 runs at once", () => {
  it("ask each source once, store one price and fire an alert once", async () => {
    await poll(0);
    const { call } = person();
    const alert = Alert.parse(
      await (
        await call("POST", "/alerts", { metal: "XAU", currency: "USD", type: "above", threshold: "101" })
      ).json(),
    );
    const before = await historyRows();
    const calls = fakeSources(() => ({ price: 102, at: at(5) }));
    await Promise.all(Array.from({ length: 20 }, () => runCron(at(5))));
    expect(calls).toHaveLength(3);
    expect(await historyRows()).toBe(before + 1);
    // A run that lost the race for the sources may end before the winner has stored; the next one finishes.
    await runCron(at(5));
    const { items } = AlertHistoryPage.parse(await (await call("GET", `/alerts/${alert.id}/history`)).json());
    expect(items).toMatchObject([{ value: "102", previousValue: "100", threshold: "101", sources: 3 }]);
    const events = await db
      .select()
      .from(log)
      .where(and(eq(log.type, "alert.triggered"), eq(log.aggregateId, alert.id)));
    expect(events).toHaveLength(1);
    expect(await db.select({ state: alerts.state }).from(alerts).where(eq(alerts.id, alert.id))).toEqual([
      { state: "done" },
    ]);
  });
});
