import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { endWatch } from "../services/end-watch.ts";

/** Two people who are friends no more may see less of each other. */
export async function friendRemoved(
  context: Context<Env>,
  { data }: SoukEvent<"friend.removed">,
): Promise<void> {
  await endWatch(context, data.userId, data.otherId);
  await endWatch(context, data.otherId, data.userId);
}
