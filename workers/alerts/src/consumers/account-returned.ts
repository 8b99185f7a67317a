import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { resumeAlerts } from "../services/resume-alerts.ts";

/** The alerts of a person who came back go on. */
export async function accountReturned(
  context: Context<Env>,
  { data }: SoukEvent<"account.returned">,
): Promise<void> {
  await resumeAlerts(context, data);
}
