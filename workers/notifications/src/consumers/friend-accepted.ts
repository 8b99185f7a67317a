import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { notifyUser } from "../services/notify-user.ts";

/** Tells a person that a friend request was accepted. Who it is, the app asks by the id: names are not kept here. */
export async function friendAccepted(
  context: Context<Env>,
  event: SoukEvent<"friend.accepted">,
): Promise<void> {
  const { userId, otherId, silent } = event.data;
  if (silent) return;
  await notifyUser(context, event, otherId, {
    title: "You have a new friend",
    message: "Your friend request was accepted.",
    data: { userId },
    about: userId,
  });
}
