import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Prices, startPrices } from "./server.ts";

const dir = join(import.meta.dirname, `../../.local/prices-test-${process.pid}`);
const keys = { goldapi: "key-g", metalsdev: "key-d", metalpriceapi: "key-p" };
let prices: Prices;

beforeAll(async () => {
  mkdirSync(dir, { recursive: true });
  prices = await startPrices({ dir, keys });
});
afterAll(async () => {
  await prices.close();
  rmSync(dir, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(prices.url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith("{") && text.endsWith("}") ? (JSON.parse(text) as unknown) : text,
  };
}
const goldapi = (path = "/api/XAU/USD") =>
  call("GET", `/goldapi${path}`, undefined, { "x-access-token": "key-g" });
const metalsdev = (query = "&currency=USD&unit=toz") =>
  call("GET", `/metalsdev/v1/latest?api_key=key-d${query}`);
const metalpriceapi = (query = "&base=USD&currencies=XAU") =>
  call("GET", `/metalpriceapi/v1/latest?api_key=key-p${query}`);

beforeEach(async () => {
  await call("PUT", "/api/faults", { source: "all", mode: "none" });
  await call("PUT", "/api/position", { month: "2008-03" });
});

describe("the replay", () => {
  const march = {
    month: "2008-03",
    price: "968.000",
    at: "2008-03-03T12:00:00.000Z",
    index: 2102,
    remaining: 219,
  };

  it("moves one month a tick and stays there over a restart", async () => {
    expect((await call("GET", "/api/state")).body).toEqual(march);
    const april = {
      ...march,
      month: "2008-04",
      price: "910.000",
      at: "2008-04-01T12:00:00.000Z",
      index: 2103,
      remaining: 218,
    };
    expect(await call("POST", "/api/tick")).toEqual({ status: 200, body: april });
    await prices.close();
    prices = await startPrices({ dir, keys, startMonth: "1990-01" });
    expect(prices.state()).toEqual(april);
  });

  it("begins again when its position is lost", async () => {
    await prices.close();
    writeFileSync(join(dir, "position.json"), "{");
    prices = await startPrices({ dir, keys, startMonth: "1990-01" });
    expect(prices.state().month).toBe("1990-01");
  });

  it("ends where the series ends, and knows no other month", async () => {
    await call("PUT", "/api/position", { month: "2026-06" });
    expect((await call("POST", "/api/tick")).status).toBe(409);
    expect(prices.tick()).toBeUndefined();
    expect(prices.state()).toMatchObject({ month: "2026-06", remaining: 0 });
    for (const body of [{ month: "1832-12" }, { month: 5 }, {}])
      expect((await call("PUT", "/api/position", body)).status).toBe(400);
  });

  it("has a page with a button", async () => {
    expect((await call("GET", "/")).body).toContain("Gold in 2008-03: 968.000 USD");
    expect((await call("POST", "/tick")).body).toContain("Gold in 2008-04");
  });
});

describe("the providers' formats", () => {
  it("goldapi.io", async () => {
    expect(await goldapi()).toEqual({
      status: 200,
      body: {
        timestamp: 1204545600,
        metal: "XAU",
        currency: "USD",
        exchange: "SOUK",
        symbol: "SOUK:XAUUSD",
        open_time: 1204545600,
        prev_close_price: 922,
        open_price: 968,
        low_price: 968,
        high_price: 968,
        price: 968,
        ch: 46,
        chp: 4.99,
        ask: 968,
        bid: 968,
        price_gram_24k: 31.1219,
        price_gram_22k: 28.5284,
        price_gram_21k: 27.2317,
        price_gram_20k: 25.9349,
        price_gram_18k: 23.3414,
        price_gram_16k: 20.7479,
        price_gram_14k: 18.1545,
        price_gram_10k: 12.9675,
      },
    });
    expect(await call("GET", "/goldapi/api/XAU/USD")).toEqual({
      status: 401,
      body: { error: expect.any(String) },
    });
    expect(await call("GET", "/goldapi/api/XAU/USD", undefined, { "x-access-token": "wrong" })).toMatchObject(
      { status: 403 },
    );
    for (const path of ["/api/XAG/USD", "/api/XAU/EUR"])
      expect(await goldapi(path)).toEqual({ status: 404, body: { error: expect.any(String) } });
  });

  it("metals.dev", async () => {
    const time = "2008-03-03T12:00:00.000Z";
    expect(await metalsdev()).toEqual({
      status: 200,
      body: {
        status: "success",
        currency: "USD",
        unit: "toz",
        metals: { gold: 968 },
        currencies: { USD: 1 },
        timestamps: { metal: time, currency: time },
      },
    });
    expect(await metalsdev("&currency=EUR")).toMatchObject({ status: 400, body: { status: "failure" } });
    expect(await call("GET", "/metalsdev/v1/latest")).toMatchObject({
      status: 401,
      body: { status: "failure", error_code: 1101 },
    });
  });

  it("metalpriceapi.com", async () => {
    expect(await metalpriceapi()).toEqual({
      status: 200,
      body: { success: true, base: "USD", timestamp: 1204545600, rates: { XAU: 1 / 968, USDXAU: 968 } },
    });
    for (const query of ["&base=EUR", "&base=USD&currencies=XAG"])
      expect(await metalpriceapi(query)).toMatchObject({ body: { success: false } });
    expect(await call("GET", "/metalpriceapi/v1/latest")).toMatchObject({
      body: { success: false, error: { statusCode: 101 } },
    });
  });
});

describe("faults", () => {
  const fault = (source: string, mode: string, factor?: number) =>
    call("PUT", "/api/faults", { source, mode, ...(factor ? { factor } : {}) });

  it.each([
    ["disagree", 968 * 1.05],
    ["tenfold", 9680],
    ["zero", 0],
    ["negative", -968],
  ])("%s changes the price of every format", async (mode, price) => {
    await fault("all", mode);
    expect((await goldapi()).body).toMatchObject({ price, ask: price });
    expect((await metalsdev()).body).toMatchObject({ metals: { gold: price } });
    expect((await metalpriceapi()).body).toMatchObject({ rates: { USDXAU: price } });
  });

  it("disagree takes a factor and touches one source only", async () => {
    await fault("metalsdev", "disagree", 0.5);
    expect((await metalsdev()).body).toMatchObject({ metals: { gold: 484 } });
    expect((await goldapi()).body).toMatchObject({ price: 968 });
  });

  it("stale is a quote of last week", async () => {
    await fault("all", "stale");
    const lastWeek = Date.UTC(2008, 1, 25, 12) / 1000;
    expect((await goldapi()).body).toMatchObject({ timestamp: lastWeek });
    expect((await metalsdev()).body).toMatchObject({ timestamps: { metal: "2008-02-25T12:00:00.000Z" } });
    expect((await metalpriceapi()).body).toMatchObject({ timestamp: lastWeek });
  });

  it.each([
    ["down", 503, "Service Unavailable"],
    ["empty", 200, ""],
    ["garbage", 200, '{"price": 12'],
    ["html", 200, expect.stringContaining("<!doctype html>")],
  ])("%s breaks the answer", async (mode, status, body) => {
    await fault("goldapi", mode);
    expect(await goldapi()).toEqual({ status, body });
  });

  it("slow does not answer in time, and does not keep the server from closing", async () => {
    await fault("goldapi", "slow");
    const pending = fetch(`${prices.url}/goldapi/api/XAU/USD`);
    await expect(
      fetch(`${prices.url}/goldapi/api/XAU/USD`, { signal: AbortSignal.timeout(100) }),
    ).rejects.toThrow(/timeout/);
    await prices.close();
    await expect(pending).rejects.toThrow();
    prices = await startPrices({ dir, keys });
  });

  it("unknown ones are refused", async () => {
    expect((await fault("goldapi", "explode")).status).toBe(400);
    expect((await fault("nobody", "down")).status).toBe(400);
  });
});
