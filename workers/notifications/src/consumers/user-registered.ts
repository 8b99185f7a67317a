import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { notifyUser } from "../services/notify-user.ts";

/** Welcomes a new account (S2-NOTIF-08). */
export async function userRegistered(
  context: Context<Env>,
  event: SoukEvent<"user.registered">,
): Promise<void> {
  await notifyUser(context, event, event.data.userId, {
    title: "Welcome to Souk",
    message:
      "Your account is ready. Set a price alert and we will tell you here, and by email, when it is reached.",
    data: {},
  });
}
