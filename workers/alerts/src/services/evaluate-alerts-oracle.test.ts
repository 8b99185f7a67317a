import { alertHistory, GRAMS } from "@souk/db/schema/alerts";
import { uuidv7 } from "@souk/kit/ids";
import Big from "big.js";
import { asc, eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atTime } from "../../test/at-time.ts";
import { create, db, eventsOf, minutes, newPair, stateOf, store } from "../../test/market.ts";
import { alertSpec, NaiveAlert, perOwnUnit, type AlertSpec } from "../../test/naive-alert.ts";
import { evaluateAlerts } from "./evaluate-alerts.ts";
import { updateAlert } from "./update-alert.ts";

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("tick" as const),
      price: fc.integer({ min: 88, max: 112 }),
      crash: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("repeat" as const, "late" as const),
      price: fc.integer({ min: 88, max: 112 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("create" as const), alert: alertSpec }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("switch" as const), which: fc.nat(), active: fc.boolean() }),
  },
);

describe("the engine against a naive oracle", () => {
  it(
    "fires each alert at the same prices, whatever is repeated, late, cut off or changed",
    { timeout: 90_000 },
    async () => {
      const series = fc.tuple(
        fc.array(alertSpec, { minLength: 1, maxLength: 6 }),
        fc.array(step, { minLength: 5, maxLength: 40 }),
      );
      let fired = 0;
      await fc.assert(
        fc.asyncProperty(series, async ([specs, steps]) => {
          const pair = newPair();
          const userId = uuidv7(new Date());
          const context = (at: Date) => atTime(at, { pairs: [pair], userId });
          const watched: { id: string; naive: NaiveAlert }[] = [];
          let current: { value: number; at: number } | null = null;
          let pending: { value: number; at: number }[] = [];
          const add = async (spec: AlertSpec) => {
            const naive = new NaiveAlert(spec, current);
            const { id, state } = await create(pair, { ...spec, threshold: perOwnUnit(spec) }, userId);
            expect(state).toBe(naive.state);
            watched.push({ id, naive });
          };
          for (const spec of specs) await add(spec);
          for (const [index, action] of steps.entries()) {
            const at = (index + 1) * 5;
            if (action.kind === "create") await add(action.alert);
            else if (action.kind === "switch") {
              const target = watched[action.which % watched.length];
              if (target === undefined) continue;
              await updateAlert(context(minutes(at)), target.id, { active: action.active });
              target.naive.switch(action.active, current);
            } else if (action.kind === "tick") {
              await store(pair, String(action.price), minutes(at));
              current = { value: action.price, at };
              pending.push(current);
              if (action.crash) continue;
              await evaluateAlerts(context(minutes(at)));
              for (const { value, at: quoted } of pending)
                for (const { naive } of watched) naive.see(value, quoted);
              pending = [];
            } else if (current !== null) {
              // A repeat of the bucket with another price, or an older quote in a bucket of its own: neither may have any effect.
              const [bucket, quoted] =
                action.kind === "repeat" ? [current.at, current.at + 1] : [at, current.at - 1];
              await store(pair, String(action.price), minutes(bucket), minutes(quoted));
            }
          }
          await evaluateAlerts(context(minutes(1000)));
          for (const { value, at: quoted } of pending)
            for (const { naive } of watched) naive.see(value, quoted);
          for (const { id, naive } of watched) {
            const history = await db
              .select()
              .from(alertHistory)
              .where(eq(alertHistory.alertId, id))
              .orderBy(asc(alertHistory.triggeredAt));
            const paid = history.map(({ value }) =>
              Number(
                Big(value)
                  .times(24)
                  .times(GRAMS.toz)
                  .div(GRAMS[naive.spec.unit])
                  .div(naive.spec.karat)
                  .round(1),
              ),
            );
            expect(paid).toEqual(naive.fired);
            expect(await eventsOf(id)).toHaveLength(naive.fired.length);
            expect(await stateOf(id)).toEqual({ state: naive.state, active: naive.active });
            fired += naive.fired.length;
          }
        }),
        { numRuns: 25 },
      );
      expect(fired).toBeGreaterThan(20);
    },
  );
});
