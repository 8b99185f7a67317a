import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { erasePerson } from "../services/erase-person.ts";

/** Erases what this service holds of a person whose account is going. */
export async function erasureRequested(
  context: Context<Env>,
  event: SoukEvent<"person.erasure_requested">,
): Promise<void> {
  await erasePerson(context, event);
}
