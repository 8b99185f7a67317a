import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { muteUser } from "../services/mute-user.ts";

/** Takes over the master switch of the person's preferences. */
export async function preferencesUpdated(
  context: Context<Env>,
  { data }: SoukEvent<"preferences.updated">,
): Promise<void> {
  await muteUser(context, data.userId, { muted: !data.notifications, at: new Date(data.updatedAt) });
}
