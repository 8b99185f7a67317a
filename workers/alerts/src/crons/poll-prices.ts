import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { evaluateAlerts } from "../services/evaluate-alerts.ts";
import { pollPrices } from "../services/poll-prices.ts";

/** Every five minutes: new prices, then the alerts. Alerts that an earlier run left are evaluated even when the poll fails. */
export async function pollPricesJob(context: Context<Env>): Promise<void> {
  try {
    await pollPrices(context);
  } finally {
    await evaluateAlerts(context);
  }
}
