import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { restAlerts } from "../services/rest-alerts.ts";

/** The alerts of a person who deactivated the account or asked for its deletion rest. */
export async function accountLeft(
  context: Context<Env>,
  { data }: SoukEvent<"account.deactivated" | "account.deletion_requested">,
): Promise<void> {
  await restAlerts(context, data);
}
