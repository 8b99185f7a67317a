import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { exportPerson } from "../services/export-person.ts";

/** Gives what this service holds of a person to the copy that they asked for, a chunk at each delivery. */
export async function exportRequested(
  context: Context<Env>,
  event: SoukEvent<"person.export_requested" | "person.export_continued">,
): Promise<void> {
  await exportPerson(context, event);
}
