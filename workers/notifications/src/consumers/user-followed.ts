import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { notifyUser } from "../services/notify-user.ts";

/** Tells a person of a new follower (S4-NOTIF-13). Who it is, the app asks by the id: names are not kept here. */
export async function userFollowed(context: Context<Env>, event: SoukEvent<"user.followed">): Promise<void> {
  const { userId, otherId, silent } = event.data;
  if (silent) return;
  await notifyUser(context, event, otherId, {
    title: "You have a new follower",
    message: "Someone has started to follow you.",
    data: { userId },
    about: userId,
  });
}
