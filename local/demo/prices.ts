import type { Souk } from "@souk/client";
import { PRICE_POLL } from "../cron/clock.ts";
import type { Platform } from "../platform.ts";
import type { PriceState } from "../prices/replay.ts";
import { timesFired } from "./alert.ts";
import { step } from "./step.ts";
import { until } from "./until.ts";

/** Moves the replay one month further and lets the cron poll it in that month's time; returns once the API quotes that price. */
async function pollNextMonth(platform: Platform, souk: Souk): Promise<PriceState> {
  const state = platform.prices.tick();
  if (!state) throw new Error("the price series has ended");
  await platform.fire({ ...PRICE_POLL, scheduledTime: new Date(state.at) });
  await until(`the price of ${state.month}, ${state.price} USD, in the API`, async () => {
    const { data } = await souk.GET("/api/v1/prices/current", {
      params: { query: { metal: "XAU", currency: "USD" } },
      // A kept answer may be a poll behind.
      headers: { "cache-control": "no-cache" },
    });
    return Number(data.price) === Number(state.price) || undefined;
  });
  return state;
}

/** Polls month by month; the alert must stay silent until the price is above the threshold, and then fire once. Returns that price. */
export function pollUntilCrossing(
  platform: Platform,
  souk: Souk,
  alertId: string,
  threshold: number,
): Promise<PriceState> {
  return step("Poll prices until they cross", async () => {
    const from = platform.prices.state().month;
    for (;;) {
      const state = await pollNextMonth(platform, souk);
      const fired = await timesFired(souk, alertId);
      const expected = Number(state.price) > threshold ? 1 : 0;
      if (fired !== expected)
        throw new Error(
          `the alert has fired ${fired} times instead of ${expected} at ${state.price} USD (${state.month})`,
        );
      if (expected === 1)
        return {
          observed: `gold crossed ${threshold}: ${state.price} USD in ${state.month}, after ${from}`,
          found: state,
        };
    }
  });
}

/** Polls further months, in which the price stays above: the alert must not fire again. */
export function pollFurther(platform: Platform, souk: Souk, alertId: string, months: number): Promise<void> {
  return step("Poll further months", async () => {
    let last = platform.prices.state();
    for (let month = 0; month < months; month++) last = await pollNextMonth(platform, souk);
    const fired = await timesFired(souk, alertId);
    if (fired !== 1) throw new Error(`the alert has fired ${fired} times instead of once`);
    return {
      observed: `${months} months further, at ${last.price} USD, it has fired once`,
      found: undefined,
    };
  });
}
