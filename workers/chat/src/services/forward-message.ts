import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import type { Message, NewForward } from "../schemas/message.ts";
import { actInConversation, hearConversation } from "./open-conversation.ts";

/**
 * Sends a copy of a message that the caller may read into a conversation, with who wrote it first. A repeat with its `clientMessageId` is
 * answered with what is there.
 * @returns the copy, and whether it is new
 * @throws AppError unauthorized; not_found for either conversation and for the message; conflict when it is deleted; bad_request for a line of
 *   the system's; forbidden, too_many_requests
 */
export async function forwardMessage(
  context: Context<Env>,
  id: string,
  { conversationId, seq, clientMessageId }: NewForward,
): Promise<{ message: Message; made: boolean }> {
  const { userId } = requireActor(context);
  const original = await hearConversation(context, conversationId, (conversation) =>
    conversation.original(userId, seq),
  );
  const ids = { message: context.newId(), sent: context.newId(), shared: context.newId() };
  return actInConversation(context, id, (conversation, act) =>
    conversation.forward(act, clientMessageId, original, ids),
  );
}
