import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Message, NewMessage } from "../schemas/message.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Sends a message. It is answered when it is durable; a repeat with its `clientMessageId` is answered with what is there.
 * @returns the message, and whether it is new
 * @throws AppError unauthorized, not_found, forbidden, validation_failed, too_many_requests
 */
export function sendMessage(
  context: Context<Env>,
  id: string,
  input: NewMessage,
): Promise<{ message: Message; made: boolean }> {
  const ids = { message: context.newId(), sent: context.newId(), shared: context.newId() };
  return actInConversation(context, id, (conversation, act) => conversation.send(act, input, ids));
}
