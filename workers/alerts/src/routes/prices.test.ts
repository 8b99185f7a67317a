import { env, exports } from "cloudflare:workers";
import { prices } from "@souk/db/schema/alerts";
import { NEWER_THAN_HEADER } from "@souk/kit/newer-than";
import { Problem } from "@souk/kit/problem";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { fakeSources } from "../../test/fake-sources.ts";
import { runCron } from "../../test/run-cron.ts";
import { Price, PriceHistory } from "../schemas.ts";

Object.assign(env, { PAIRS: '["XAU/USD","XAG/USD"]' });

afterEach(() => vi.restoreAllMocks());

const get = (path: string) => exports.default.fetch(`https://souk.test/api/v1/prices${path}`);
const GOLD = "metal=XAU&currency=USD";
const priceOf = async (query: string) => Price.parse(await (await get(`/current?${query}`)).json());
const historyOf = async (query: string) =>
  PriceHistory.parse(await (await get(`/history?${GOLD}&${query}`)).json());

const poll = async (at: Date, price: number) => {
  fakeSources(() => ({ price, at }));
  await runCron(at);
  vi.restoreAllMocks();
};

// Days of four prices, an hour and a half apart, then a gap of three months.
const MONTHS = [0, 3];
const PRICES = MONTHS.flatMap((month) =>
  [1, 2].flatMap((day) =>
    [3, 9, 1, 5].map((extra, n) => ({
      at: new Date(Date.UTC(2024, month, day, 12) + n * 90 * 60_000),
      price: 2000 + 100 * month + 10 * day + extra,
    })),
  ),
);

describe("before the first poll", () => {
  it("there is no price and no history", async () => {
    const response = await get(`/current?${GOLD}`);
    expect(response.status).toBe(404);
    expect(Problem.parse(await response.json()).code).toBe("not_found");
    expect(await historyOf("interval=1d")).toEqual({ items: [], nextCursor: null });
  });
});

describe("GET /prices/current", () => {
  it("gives the price per unit and karat, with its times and sources", async () => {
    for (const { at, price } of PRICES) await poll(at, price);
    const last = PRICES.at(-1);
    expect(await priceOf(GOLD)).toEqual({
      metal: "XAU",
      currency: "USD",
      unit: "toz",
      karat: 24,
      price: "2325",
      bid: "2325",
      ask: "2325",
      change: "4",
      sources: 3,
      quotedAt: last?.at.toISOString(),
      fetchedAt: last?.at.toISOString(),
      isStale: true,
    });
    expect(await priceOf(`${GOLD}&unit=g&karat=18`)).toMatchObject({
      unit: "g",
      karat: 18,
      price: "56.062864",
      change: "0.096452",
    });
    expect(await priceOf("metal=XAG&currency=USD")).toMatchObject({ metal: "XAG", sources: 1 });
  });

  it("is what another isolate has stored for who asks for nothing older, and soon for all here", async () => {
    const before = (await priceOf(GOLD)).price;
    await ownerDatabase().update(prices).set({ price: "2399" }).where(eq(prices.metal, "XAU"));
    expect((await priceOf(GOLD)).price).toBe(before);
    const asked = async (newerThan: string) => {
      const headers = { [NEWER_THAN_HEADER]: newerThan };
      const url = `https://souk.test/api/v1/prices/current?${GOLD}`;
      return Price.parse(await (await exports.default.fetch(url, { headers })).json()).price;
    };
    for (const older of ["0", "nonsense", "-1"]) expect(await asked(older)).toBe(before);
    expect(await asked(String(Date.now()))).toBe("2399");
    expect((await priceOf(GOLD)).price).toBe("2399");
    await ownerDatabase().update(prices).set({ price: before }).where(eq(prices.metal, "XAU"));
    expect(await asked(String(Date.now()))).toBe(before);
  });

  it("is fresh within four hours of its quote", async () => {
    await poll(new Date(), 2400);
    expect(await priceOf(GOLD)).toMatchObject({ price: "2400", isStale: false });
  });

  it("costs no round trip when it was read a moment ago", async () => {
    await priceOf(GOLD);
    const spy = vi.spyOn(globalThis, "fetch");
    await priceOf(`${GOLD}&unit=kg`);
    expect(spy).not.toHaveBeenCalled();
  });

  it.each([
    "",
    "metal=XAU",
    "metal=XXX&currency=USD",
    "metal=XAU&currency=usd",
    `${GOLD}&unit=stone`,
    `${GOLD}&karat=23`,
    "metal=XAG&currency=USD&karat=18",
    "metal=XPT&currency=USD",
  ])("refuses %s", async (query) => expect((await get(`/current?${query}`)).status).toBe(400));
});

describe("GET /prices/history", () => {
  const YEAR = "to=2024-12-31T00:00:00Z";

  it("pages through every price, oldest first", async () => {
    const seen: unknown[] = [];
    let cursor = "";
    do {
      const page = await historyOf(`${YEAR}&limit=7${cursor}`);
      seen.push(...page.items);
      cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`;
    } while (cursor !== "");
    expect(seen).toMatchObject(
      PRICES.map(({ at, price }) => ({ price: String(price), quotedAt: at.toISOString() })),
    );
  });

  it("takes from and to as first and past the last", async () => {
    const page = await historyOf("from=2024-01-02T12:00:00Z&to=2024-01-02T15:00:00%2B00:00");
    expect(page.items).toMatchObject([{ price: "2023" }, { price: "2029" }]);
  });

  it.each([
    [
      "1d",
      ["2024-01-01", "2024-01-02", "2024-04-01", "2024-04-02"],
      { open: "2013", high: "2019", low: "2011", close: "2015", points: 4 },
    ],
    [
      "1w",
      ["2024-01-01", "2024-04-01"],
      { open: "2013", high: "2029", low: "2011", close: "2025", points: 8 },
    ],
    [
      "1mo",
      ["2024-01-01", "2024-04-01"],
      { open: "2013", high: "2029", low: "2011", close: "2025", points: 8 },
    ],
  ])("makes candles of %s, page by page, and skips the gap", async (interval, days, first) => {
    const candles: { start: string }[] = [];
    let cursor = "";
    do {
      const page = await historyOf(`${YEAR}&interval=${interval}&limit=1${cursor}`);
      const [item] = z
        .array(z.looseObject({ start: z.string() }))
        .length(1)
        .parse(page.items);
      if (item !== undefined) candles.push(item);
      cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`;
    } while (cursor !== "");
    expect(candles.map(({ start }) => start.slice(0, 10))).toEqual(days);
    expect(candles[0]).toMatchObject(first);
    expect((await historyOf(`${YEAR}&interval=${interval}`)).items).toEqual(candles);
  });

  it("starts candles of minutes and hours on the clock", async () => {
    const starts = async (interval: string) =>
      (await historyOf(`to=2024-01-01T15:30:00Z&interval=${interval}`)).items.map((item) =>
        "start" in item ? item.start.slice(11, 16) : "",
      );
    expect(await starts("5m")).toEqual(["12:00", "13:30", "15:00"]);
    expect(await starts("1h")).toEqual(["12:00", "13:00", "15:00"]);
  });

  it("converts candles too", async () => {
    expect((await historyOf(`${YEAR}&interval=1mo&unit=kg&karat=22`)).items[0]).toMatchObject({
      open: "59326.165106",
    });
  });

  it.each(["interval=2h", "limit=501", "from=yesterday", "cursor=x", "interval=1d&cursor=x"])(
    "refuses %s",
    async (query) => {
      expect((await get(`/history?${GOLD}&${query}`)).status).toBe(400);
    },
  );
});
