import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { exportPerson } from "../services/export-person.ts";

/** Gives what this service holds of a person to the copy that they asked for. */
export async function exportRequested(
  context: Context<Env>,
  event: SoukEvent<"person.export_requested">,
): Promise<void> {
  await exportPerson(context, event);
}
