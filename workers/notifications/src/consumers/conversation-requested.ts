import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { notifyUser } from "../services/notify-user.ts";

/** Tells somebody that they are asked to take part in a conversation. */
export async function conversationRequested(
  context: Context<Env>,
  event: SoukEvent<"conversation.requested">,
): Promise<void> {
  const { userId, otherId, conversationId } = event.data;
  await notifyUser(context, event, otherId, {
    title: "Somebody wants to write to you",
    message: "You can accept or decline; until then they can say little.",
    data: { userId, conversationId },
    about: userId,
  });
}
