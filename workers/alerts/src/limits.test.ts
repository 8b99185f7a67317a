import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { alertHistory, alerts, quotes } from "@souk/db/schema/alerts";
import { uuidv7 } from "@souk/kit/ids";
import { count, sql } from "drizzle-orm";
import { afterEach, expect, it, vi } from "vitest";
import { CONNECTIONS } from "../../../test/limits/count-calls.ts";
import { watchFetch } from "../../../test/limits/watch-fetch.ts";
import { ownerDatabase } from "../../../test/owner-database.ts";
import { fakeSources } from "../test/fake-sources.ts";
import worker from "./index.ts";

const db = ownerDatabase();
const METALS = ["XAU", "XAG", "XPT", "XPD"];
const CURRENCIES = ["USD", "EUR", "CHF", "GBP", "AED", "INR"];

/** What a transaction of 5,000 fired alerts, or of every pair's quotes, may bring back into the isolate. */
const ANSWER_BYTES = 256 * 1024;

afterEach(() => vi.restoreAllMocks());

async function poll(at: Date, pairs: string[]): Promise<void> {
  const executionContext = createExecutionContext();
  const controller = createScheduledController({ cron: "*/5 * * * *", scheduledTime: at });
  await worker.scheduled(controller, { ...env, PAIRS: JSON.stringify(pairs) }, executionContext);
  await waitOnExecutionContext(executionContext);
}

it("polls any number of pairs over the connections of one invocation", async () => {
  const at = new Date("2024-01-02T12:00:00Z");
  fakeSources(() => ({ price: 100, at }));
  using watched = watchFetch();
  await poll(
    at,
    METALS.flatMap((metal) => CURRENCIES.map((currency) => `${metal}/${currency}`)),
  );
  const [stored] = await db.select({ n: count() }).from(quotes);
  expect(stored?.n).toBeGreaterThanOrEqual(METALS.length * CURRENCIES.length);
  expect(watched.peak).toBeGreaterThan(1);
  expect(watched.peak).toBeLessThanOrEqual(CONNECTIONS);
});

it("fires any number of alerts without reading them into memory", async () => {
  const before = new Date("2024-02-02T12:00:00Z");
  fakeSources(() => ({ price: 100, at: before }));
  await poll(before, ["XAU/USD"]);
  vi.restoreAllMocks();
  const [first] = await db.select({ n: count() }).from(alertHistory);
  await db.execute(sql`INSERT INTO ${alerts} (id, user_id, metal, currency, alert_type, threshold, unit, karat, mode, hysteresis_percent,
      cooldown_seconds, start, active, state, created_at, updated_at)
    SELECT gen_random_uuid(), ${uuidv7(before)}::uuid, 'XAU', 'USD', 'above', 101, 'toz', 24, 'one_shot', 0, 0, 'now', true, 'armed', now(), now()
    FROM generate_series(1, 12000)`);
  const at = new Date("2024-02-02T12:05:00Z");
  fakeSources(() => ({ price: 102, at }));
  using watched = watchFetch();
  await poll(at, ["XAU/USD"]);
  const [then] = await db.select({ n: count() }).from(alertHistory);
  expect((then?.n ?? 0) - (first?.n ?? 0)).toBe(12_000);
  expect(watched.longestAnswer).toBeLessThan(ANSWER_BYTES);
});
