import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { formatMoment } from "@souk/kit/format";
import type { Env } from "../env.ts";
import { notifyUser } from "../services/notify-user.ts";

/** Tells the owner of an account that its password is another now. */
export async function passwordChanged(
  context: Context<Env>,
  event: SoukEvent<"password.changed">,
): Promise<void> {
  const { userId, by } = event.data;
  const how = by === "reset" ? "by a link that we mailed to you" : "by someone who knew the old one";
  await notifyUser(context, event, userId, {
    title: "Your password was changed",
    message: `It was changed on ${formatMoment(event.time)}, ${how}. If that was not you, reset your password now.`,
    data: { by, changedAt: event.time },
  });
}
