import { alertHistory, alerts, priceHistory } from "@souk/db/schema/alerts";
import { log } from "@souk/db/schema/events";
import { and, count, eq, inArray, sql } from "drizzle-orm";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
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
import type { Pair } from "../env.ts";
import { advance, evaluateAlerts, type Tick } from "./evaluate-alerts.ts";

afterEach(() => vi.restoreAllMocks());

/** Armed alerts of strangers, by the thousand. */
const crowd = (pair: Pair, size: number, threshold: string, type = "above") =>
  db.execute(sql`INSERT INTO ${alerts} (id, user_id, metal, currency, alert_type, threshold, unit, karat, mode, hysteresis_percent, cooldown_seconds, start,
      active, state, created_at, updated_at)
    SELECT gen_random_uuid(), gen_random_uuid(), ${pair.metal}, ${pair.currency}, ${type}, ${sql.raw(threshold)}, 'toz', 24, 'one_shot', 1, 0, 'now', true, 'armed', now(), now()
    FROM generate_series(1, ${size}::int) n`);
const firedIn = async (pair: Pair) => {
  const mine = db.select({ id: alerts.id }).from(alerts).where(eq(alerts.currency, pair.currency));
  const [histories] = await db
    .select({ n: count() })
    .from(alertHistory)
    .where(inArray(alertHistory.alertId, mine));
  const [events] = await db
    .select({ n: count(), ids: sql<number>`count(DISTINCT ${log.data} ->> 'historyId')::int` })
    .from(log)
    .where(and(eq(log.type, "alert.triggered"), sql`${log.data} ->> 'currency' = ${pair.currency}`));
  return { histories: histories?.n, events: events?.n, distinct: events?.ids };
};

describe("many at once", () => {
  it("20 parallel writers and evaluators of one tick fire an alert once", async () => {
    const pair = newPair();
    const alert = await create(pair, { mode: "recurring", hysteresisPercent: 0, cooldownSeconds: 0 });
    const twenty = (work: (n: number) => Promise<void>) =>
      Promise.all(Array.from({ length: 20 }, (_, n) => work(n)));
    for (let round = 0; round < 6; round += 1) {
      const [back, crossing] = [minutes(round * 10), minutes(round * 10 + 5)];
      await tick(pair, "99", back);
      await twenty((n) => store(pair, String(101 + n), crossing));
      await twenty(() => evaluateAlerts(atTime(crossing)));
      const rows = await db
        .select()
        .from(priceHistory)
        .where(and(eq(priceHistory.bucket, crossing), eq(priceHistory.oldValue, "99")));
      expect(rows).toHaveLength(1);
      expect(await firedValues(alert.id)).toHaveLength(round + 1);
      expect(await eventsOf(alert.id)).toHaveLength(round + 1);
    }
  });

  it("a run that comes late to a tick leaves it alone", async () => {
    const pair = newPair();
    const alert = await create(pair, { mode: "recurring", hysteresisPercent: 0, cooldownSeconds: 0 });
    await store(pair, "105", minutes(5));
    await store(pair, "95", minutes(10));
    const real = globalThis.fetch;
    const neon = `${inject("neon")}/sql`;
    let statements = 0;
    const reached = Promise.withResolvers<void>();
    const late = Promise.withResolvers<void>();
    // It has read both ticks and is held before its first transaction, while another run does all the work.
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      if (input === neon && ++statements === 2) {
        reached.resolve();
        await late.promise;
      }
      return real(input, init);
    });
    const laggard = evaluateAlerts(atTime(minutes(10)));
    await reached.promise;
    await evaluateAlerts(atTime(minutes(10)));
    late.resolve();
    await laggard;
    expect(await firedValues(alert.id)).toEqual(["105"]);
    expect(await eventsOf(alert.id)).toHaveLength(1);
    expect(await stateOf(alert.id)).toEqual({ state: "armed", active: true });
  });

  it("a run that waited for another's transaction does not fire what the other armed again", async () => {
    const pair = newPair();
    const alert = await create(pair, { mode: "recurring", hysteresisPercent: 0, cooldownSeconds: 0 });
    await store(pair, "105", minutes(5));
    const here = sql`currency = ${pair.currency}`;
    const blocking = sql.raw(
      "EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))",
    );
    // The other has fired and marked; it ends, with the alert armed again, once the run waits for it.
    const other = db.batch([
      db.execute(sql`UPDATE ${alerts} SET state = 'waiting' WHERE ${here}`),
      db.execute(sql`UPDATE ${priceHistory} SET evaluated_at = now() WHERE evaluated_at IS NULL`),
      db.execute(
        sql`DO $$ BEGIN WHILE NOT ${blocking} LOOP PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; END $$`,
      ),
      db.execute(sql`UPDATE ${alerts} SET state = 'armed' WHERE ${here}`),
    ]);
    await vi.waitFor(async () => {
      const { rows } = await db.execute(
        sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
      );
      expect(rows).toHaveLength(1);
    });
    await Promise.all([other, evaluateAlerts(atTime(minutes(10)))]);
    expect(await firedValues(alert.id)).toEqual([]);
  });

  it(
    "fires 12,000 in chunks, and a run that dies after any of its transactions loses and doubles nothing",
    { timeout: 60_000 },
    async () => {
      const pair = newPair();
      await crowd(pair, 12_000, "100 + n * 0.001");
      await store(pair, "112", minutes(0));
      const real = globalThis.fetch;
      const neon = `${inject("neon")}/sql`;
      // The answer is lost after the transaction: of the first chunk, then of the last, which also marks the tick.
      for (const [survived, fired] of [
        [1, 5_000],
        [2, 12_000],
      ]) {
        let calls = 0;
        const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
          const answer = await real(input, init);
          if (input === neon && ++calls > (survived ?? 0)) throw new Error("cut off");
          return answer;
        });
        await expect(evaluateAlerts(atTime(minutes(5)))).rejects.toThrow();
        spy.mockRestore();
        expect(await firedIn(pair)).toMatchObject({ histories: fired, events: fired });
      }
      await Promise.all([1, 2, 3].map((n) => evaluateAlerts(atTime(minutes(10 + n)))));
      expect(await firedIn(pair)).toEqual({ histories: 12_000, events: 12_000, distinct: 12_000 });
      const [left] = await db
        .select({ n: count() })
        .from(priceHistory)
        .where(sql`evaluated_at IS NULL AND NOT late`);
      expect(left?.n).toBe(0);
    },
  );

  it(
    "three runs share 12,000 of both types, each fired once and at most 5,000 in a transaction",
    {
      timeout: 60_000,
    },
    async () => {
      const pair = newPair();
      await crowd(pair, 6_000, "100 - n * 0.001");
      await crowd(pair, 6_000, "100 + n * 0.001", "below");
      await store(pair, "100", minutes(0));
      await Promise.all([1, 2, 3].map((n) => evaluateAlerts(atTime(minutes(n)))));
      expect(await firedIn(pair)).toEqual({ histories: 12_000, events: 12_000, distinct: 12_000 });
      const chunks =
        await db.execute(sql`SELECT count(*)::int AS n FROM ${alertHistory} h JOIN ${alerts} a ON a.id = h.alert_id
      WHERE a.currency = ${pair.currency} GROUP BY h.xmin ORDER BY n DESC`);
      expect(chunks.rows).toEqual([{ n: 5_000 }, { n: 5_000 }, { n: 2_000 }]);
    },
  );

  it("reads by index only what a tick crosses, among 50,000", { timeout: 60_000 }, async () => {
    const pair = newPair();
    await crowd(pair, 50_000, "200 + n * 0.01");
    await db.execute(
      sql`UPDATE ${alerts} SET state = 'waiting', active = true WHERE currency = ${pair.currency} AND threshold_toz > 500`,
    );
    await db.execute(sql`ANALYZE ${alerts}`);
    await store(pair, "200.05", minutes(0));
    const [row] = await db
      .select()
      .from(priceHistory)
      .where(and(eq(priceHistory.newValue, "200.05"), eq(priceHistory.bucket, minutes(0))));
    const at = minutes(0).toISOString();
    const here: Tick = {
      id: row?.id ?? "",
      ...pair,
      price: "200.05",
      previous: null,
      sources: 1,
      quotedAt: at,
      at,
    };
    const { rows } = await db.execute(
      sql`EXPLAIN (ANALYZE, FORMAT JSON) ${advance(atTime(minutes(0)), here)}`,
    );
    const plan = JSON.stringify(rows);
    expect(plan).toContain("alerts_armed_idx");
    expect(plan).toContain("alerts_waiting_idx");
    expect(plan).not.toMatch(/"Seq Scan"[^{]*"Relation Name":"alerts"/);
    expect(await firedIn(pair)).toMatchObject({ histories: 5 });
  });
});
