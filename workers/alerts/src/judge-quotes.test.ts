import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import series from "../../../local/prices/gold-monthly.csv?raw";
import { judgeQuotes, type LastPrice } from "./judge-quotes.ts";
import type { Quote } from "./sources/source.ts";

const AT = new Date("2024-01-02T12:00:00Z");
const HOUR = 3600_000;
const DAY = 24 * HOUR;

const quote = (price: number | string, quotedAt = AT): Quote => ({
  metal: "XAU",
  currency: "USD",
  price: String(price),
  bid: null,
  ask: null,
  quotedAt,
});
const ago = (ms: number) => new Date(AT.getTime() - ms);
const last = (price: number, ms = 5 * 60_000): LastPrice => ({ price: String(price), quotedAt: ago(ms) });
const reasons = (quotes: Quote[], before: LastPrice | null) =>
  judgeQuotes(quotes, before, AT).quotes.map(({ reason }) => reason);
const priceOf = (quotes: Quote[], before: LastPrice | null) => judgeQuotes(quotes, before, AT).price?.price;

describe("one quote by itself", () => {
  it.each([0, -1, "0.0", "1e13"])("refuses %s", (price) =>
    expect(reasons([quote(price)], null)).toEqual(["out_of_range"]),
  );
  it("refuses stale quotes and those from the future, with some tolerance", () => {
    expect(reasons([quote(1, ago(4 * HOUR)), quote(1, ago(4 * HOUR + 1))], null)).toEqual([null, "stale"]);
    expect(reasons([quote(1, ago(-5 * 60_000)), quote(1, ago(-5 * 60_000 - 1))], null)).toEqual([
      null,
      "future",
    ]);
  });
  it("accepts a first price, whatever it is", () => expect(priceOf([quote(42)], null)).toBe("42"));
  it("allows 5 % at once and 2 % more a day, up and down alike", () => {
    expect(reasons([quote(105)], last(100, 0))).toEqual([null]);
    expect(reasons([quote(105.1)], last(100, 0))).toEqual(["outlier"]);
    expect(reasons([quote(100)], last(105, 0))).toEqual([null]);
    expect(reasons([quote(100)], last(105.1, 0))).toEqual(["outlier"]);
    expect(reasons([quote(125)], last(100, 10 * DAY))).toEqual([null]);
    expect(reasons([quote(125.1)], last(100, 10 * DAY))).toEqual(["outlier"]);
  });
});

describe("several quotes", () => {
  it("takes the median, of an even count the mean of the middle two", () => {
    expect(priceOf([quote(100), quote(101), quote(100.4)], null)).toBe("100.4");
    expect(priceOf([quote(100), quote(101)], null)).toBe("100.5");
  });
  it("outvotes the one that disagrees", () => {
    expect(reasons([quote(100), quote(104), quote(100.5)], last(100))).toEqual([null, "disagrees", null]);
    expect(reasons([quote(1000), quote(100), quote(100)], null)).toEqual(["disagrees", null, null]);
  });
  it("believes of two that contradict each other the one near the last price, and neither without it", () => {
    expect(reasons([quote(104.5), quote(99)], last(100))).toEqual(["no_majority", null]);
    expect(reasons([quote(104.5), quote(96)], last(100))).toEqual(["no_majority", "no_majority"]);
    expect(reasons([quote(100), quote(110)], null)).toEqual(["no_majority", "no_majority"]);
  });
  it("takes bid and ask from those that have them, and the newest time", () => {
    const withSpread: Quote = { ...quote(100, ago(60_000)), bid: "99", ask: "101" };
    expect(judgeQuotes([withSpread, quote(100)], null, AT).price).toEqual({
      price: "100",
      bid: "99",
      ask: "101",
      sources: 2,
      quotedAt: AT,
    });
  });
  it("has no price without an accepted quote", () => {
    expect(judgeQuotes([], last(100), AT)).toEqual({ quotes: [], price: null });
    expect(judgeQuotes([quote(-1)], last(100), AT).price).toBeNull();
  });
});

/** Honest sources within 0.9 % of the truth, fewer liars that say anything. */
const moment = fc
  .record({ truth: fc.double({ min: 10, max: 5000, noNaN: true }), honest: fc.integer({ min: 1, max: 5 }) })
  .chain(({ truth, honest }) =>
    fc.record({
      truth: fc.constant(truth),
      honest: fc.array(fc.double({ min: 0.991, max: 1.009, noNaN: true }), {
        minLength: honest,
        maxLength: honest,
      }),
      liars: fc.array(
        fc.oneof(
          fc.double({ min: -1e6, max: 1e6, noNaN: true }),
          fc.constantFrom(truth * 1.03, truth * 10, truth / 10, 0),
        ),
        {
          maxLength: honest - 1,
        },
      ),
      known: fc.boolean(),
    }),
  );

describe("the rule as a whole", () => {
  it("never lets a minority of liars move the price out of the range of the honest", () => {
    fc.assert(
      fc.property(moment, ({ truth, honest, liars, known }) => {
        const said = honest.map((share) => Number((truth * share).toFixed(8)));
        const agreed = Number(
          priceOf(
            [...liars.map((lie) => quote(lie.toFixed(8))), ...said.map((price) => quote(price))],
            known ? last(truth) : null,
          ),
        );
        expect(agreed).toBeGreaterThanOrEqual(Math.min(...said) - 1e-8);
        expect(agreed).toBeLessThanOrEqual(Math.max(...said) + 1e-8);
      }),
    );
  });
  it("does not depend on the order of the sources", () => {
    const prices = fc.array(fc.double({ min: -10, max: 200, noNaN: true }), { maxLength: 6 });
    fc.assert(
      fc.property(prices, fc.option(fc.double({ min: 50, max: 150, noNaN: true })), (said, before) => {
        const quotes = said.map((price) => quote(price.toFixed(4)));
        const previous = before === null ? null : last(before);
        const { price: straight } = judgeQuotes(quotes, previous, AT);
        expect(judgeQuotes(quotes.toReversed(), previous, AT).price).toEqual(straight);
      }),
    );
  });
  it("gives a price within the accepted quotes and counts them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 90, max: 110, noNaN: true }), { minLength: 1, maxLength: 6 }),
        (said) => {
          const { quotes, price } = judgeQuotes(
            said.map((value) => quote(value.toFixed(4))),
            last(100),
            AT,
          );
          const accepted = quotes.filter(({ reason }) => reason === null).map((each) => Number(each.price));
          if (price === null) {
            expect(accepted).toEqual([]);
            return;
          }
          expect(price.sources).toBe(accepted.length);
          expect(Number(price.price)).toBeGreaterThanOrEqual(Math.min(...accepted));
          expect(Number(price.price)).toBeLessThanOrEqual(Math.max(...accepted));
        },
      ),
    );
  });
});

describe("the real series, 1833 to today, a month a tick", () => {
  const months = series
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [month = "", price = ""] = line.split(",");
      const first = new Date(`${month}T12:00:00Z`);
      const toMonday = { 0: 1, 6: 2 }[first.getUTCDay()] ?? 0;
      return { price, at: new Date(first.getTime() + toMonday * DAY) };
    });

  it("is all there", () => expect(months.length).toBeGreaterThan(2300));
  it("passes from end to end, and ten times or a tenth of any value does not", () => {
    let before: LastPrice | null = null;
    for (const { price, at } of months) {
      const judge = (said: string) => judgeQuotes([quote(said, at)], before, at);
      if (before !== null) {
        expect(judge(Big(price).times(10).toFixed()).quotes[0]?.reason).toBe("outlier");
        expect(judge(Big(price).div(10).toFixed()).quotes[0]?.reason).toBe("outlier");
      }
      const { price: agreed } = judge(price);
      expect(agreed?.price, `${at.toISOString()} ${price}`).toBe(Big(price).toFixed());
      before = agreed;
    }
  });
});
