import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { notifyUser } from "../services/notify-user.ts";

/** Tells a person of a friend request (S4-NOTIF-15). Who it is, the app asks by the id: names are not kept here. */
export async function friendRequested(
  context: Context<Env>,
  event: SoukEvent<"friend.requested">,
): Promise<void> {
  const { userId, otherId, silent } = event.data;
  if (silent) return;
  await notifyUser(context, event, otherId, {
    title: "You have a friend request",
    message: "Someone asks you to be friends.",
    data: { userId },
    about: userId,
  });
}
