import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import type { Env } from "../env.ts";
import { notifyUser } from "../services/notify-user.ts";

/** Tells somebody of what they have not read; `chat` says so once until they have. What was written is read there. */
export async function messageUnread(
  context: Context<Env>,
  event: SoukEvent<"message.unread">,
): Promise<void> {
  const { userId, conversationId, messageId, seq, senderId, unread } = event.data;
  await notifyUser(context, event, userId, {
    title: unread === 1 ? "A new message" : `${unread} new messages`,
    message: "Somebody wrote to you. Open the conversation to read it.",
    data: { conversationId, messageId, seq, unread, ...(senderId !== null && { userId: senderId }) },
    ...(senderId !== null && { about: senderId }),
  });
}
