import { METALS } from "@souk/db/schema/alerts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pair } from "../env.ts";
import { goldapi } from "./goldapi.ts";
import { metalpriceapi } from "./metalpriceapi.ts";
import { metalsDev } from "./metals-dev.ts";
import type { Source } from "./source.ts";

const GOLD: Pair = { metal: "XAU", currency: "USD" };
const SILVER: Pair = { metal: "XAG", currency: "USD" };
const EURO: Pair = { metal: "XAU", currency: "EUR" };

const callsOf = (source: Source, ...pairs: Pair[]) => source.calls("https://source.test/base", "k&y", pairs);
const read = (source: Source, body: unknown, ...pairs: Pair[]) => callsOf(source, ...pairs)[0]?.read(body);

// The documented shapes, with fields that we do not use.
const GOLDAPI = {
  timestamp: 1704196800,
  metal: "XAU",
  currency: "USD",
  exchange: "FOREXCOM",
  symbol: "FOREXCOM:XAUUSD",
  prev_close_price: 2062.4,
  open_price: 2062.4,
  low_price: 2058.2,
  high_price: 2078.9,
  open_time: 1704153600,
  price: 2064.5,
  ch: 2.1,
  chp: 0.1,
  ask: 2064.9,
  bid: 2064.1,
  price_gram_24k: 66.3758,
  price_gram_22k: 60.8445,
  price_gram_21k: 58.0788,
};
const METALS_DEV = {
  status: "success",
  currency: "USD",
  unit: "toz",
  metals: { gold: 2064.5, silver: 23.7, platinum: 985.5, palladium: 1089, lbma_gold_am: 2074.9 },
  currencies: { EUR: 1.0956, USD: 1 },
  timestamps: { metal: "2024-01-02T12:00:00.123Z", currency: "2024-01-02T11:59:08.000Z" },
};
const METALPRICE = {
  success: true,
  base: "USD",
  timestamp: 1704196800,
  rates: { XAU: 0.00048437878, USDXAU: 2064.5, EUR: 0.91 },
};

describe("goldapi.io", () => {
  it("asks one call a pair with the key in a header", () => {
    expect(callsOf(goldapi, GOLD, EURO)).toMatchObject([
      { url: "https://source.test/base/api/XAU/USD", headers: { "x-access-token": "k&y" } },
      { url: "https://source.test/base/api/XAU/EUR" },
    ]);
  });
  it("reads price, bid, ask and Unix seconds", () => {
    expect(read(goldapi, GOLDAPI, GOLD)).toEqual([
      { ...GOLD, price: "2064.5", bid: "2064.1", ask: "2064.9", quotedAt: new Date("2024-01-02T12:00:00Z") },
    ]);
  });
  it("leaves out a bid and ask that are missing or crossed", () => {
    const { bid: _, ...withoutBid } = GOLDAPI;
    expect(read(goldapi, withoutBid, GOLD)?.[0]).toMatchObject({ bid: null, ask: null });
    expect(read(goldapi, { ...GOLDAPI, bid: null, ask: null }, GOLD)?.[0]).toMatchObject({
      bid: null,
      ask: null,
    });
    expect(read(goldapi, { ...GOLDAPI, bid: 2070 }, GOLD)?.[0]).toMatchObject({ bid: null, ask: null });
  });
  it("refuses the price of another pair", () => {
    expect(() => read(goldapi, { ...GOLDAPI, metal: "XAG" }, GOLD)).toThrow("another pair");
  });
});

describe("metals.dev", () => {
  it("asks one call a currency with the key in the query, escaped", () => {
    expect(callsOf(metalsDev, GOLD, SILVER, EURO).map(({ url }) => url)).toEqual([
      "https://source.test/base/v1/latest?api_key=k%26y&currency=USD&unit=toz",
      "https://source.test/base/v1/latest?api_key=k%26y&currency=EUR&unit=toz",
    ]);
  });
  it("reads each metal by its name and ISO time", () => {
    const quotedAt = new Date("2024-01-02T12:00:00.123Z");
    expect(read(metalsDev, METALS_DEV, GOLD, SILVER)).toEqual([
      { ...GOLD, price: "2064.5", bid: null, ask: null, quotedAt },
      { ...SILVER, price: "23.7", bid: null, ask: null, quotedAt },
    ]);
  });
  it("leaves out a metal that is not there and refuses another currency or unit", () => {
    expect(read(metalsDev, { ...METALS_DEV, metals: { silver: 23.7 } }, GOLD, SILVER)).toHaveLength(1);
    expect(() => read(metalsDev, { ...METALS_DEV, currency: "EUR" }, GOLD)).toThrow();
    expect(() => read(metalsDev, { ...METALS_DEV, unit: "g" }, GOLD)).toThrow();
  });
  it("refuses its error answer", () => {
    expect(() =>
      read(metalsDev, { status: "failure", error_code: 1101, error_message: "Unauthorized." }, GOLD),
    ).toThrow();
  });
});

describe("metalpriceapi.com", () => {
  it("asks one call a base currency", () => {
    expect(callsOf(metalpriceapi, GOLD, SILVER).map(({ url }) => url)).toEqual([
      "https://source.test/base/v1/latest?api_key=k%26y&base=USD&currencies=XAU%2CXAG",
    ]);
  });
  it("reads the direct price", () => {
    expect(read(metalpriceapi, METALPRICE, GOLD)).toEqual([
      { ...GOLD, price: "2064.5", bid: null, ask: null, quotedAt: new Date("2024-01-02T12:00:00Z") },
    ]);
  });
  it("inverts ounces per dollar where that is all there is, and leaves out a zero", () => {
    expect(read(metalpriceapi, { ...METALPRICE, rates: { XAU: 0.0005 } }, GOLD)?.[0]?.price).toBe("2000");
    expect(read(metalpriceapi, { ...METALPRICE, rates: { XAU: 0 } }, GOLD)).toEqual([]);
  });
  it("refuses its error answer, which comes with status 200", () => {
    expect(() =>
      read(metalpriceapi, { success: false, error: { statusCode: 102, message: "no" } }, GOLD),
    ).toThrow();
  });
});

describe.each([goldapi, metalsDev, metalpriceapi])("$name", (source) => {
  const body = { goldapi: GOLDAPI, "metals-dev": METALS_DEV, metalpriceapi: METALPRICE }[source.name];
  const withPrice = (price: unknown) => ({
    ...body,
    price,
    metals: { gold: price },
    rates: { USDXAU: price },
  });

  it("passes zero, negative and tenfold prices on, for the price rule to refuse", () => {
    expect([0, -5, 20645].map((price) => read(source, withPrice(price), GOLD)?.[0]?.price)).toEqual([
      "0",
      "-5",
      "20645",
    ]);
  });
  it("refuses a price that is no finite number, and a time that is none", () => {
    for (const price of [Number.NaN, Number.POSITIVE_INFINITY, "2064.5", null, {}])
      expect(() => read(source, withPrice(price), GOLD)).toThrow();
    for (const time of [null, "yesterday", 1704196800123, Number.NaN]) {
      expect(() => read(source, { ...body, timestamp: time, timestamps: { metal: time } }, GOLD)).toThrow();
    }
  });
  it("writes floating point noise and exponents as plain decimals", () => {
    expect(read(source, withPrice(0.1 + 0.2), GOLD)?.[0]?.price).toBe("0.3");
    expect(read(source, withPrice(1e-7), GOLD)?.[0]?.price).toBe("0.0000001");
  });
  it("answers anything else with an error and never with a quote for a pair that was not asked for", () => {
    const pairs = fc.uniqueArray(
      fc.record({ metal: fc.constantFrom(...METALS), currency: fc.constantFrom("USD", "EUR") }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(fc.anything(), pairs, (nonsense, asked) => {
        for (const call of callsOf(source, ...asked)) expect(() => call.read(nonsense)).toThrow();
      }),
    );
  });
});
