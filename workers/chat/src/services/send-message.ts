import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import type { Message, NewMessage } from "../schemas.ts";
import { askConversation } from "./open-conversation.ts";

/**
 * Sends a message. It is answered when it is durable; a repeat with its `clientMessageId` is answered with what is there.
 * @returns the message, and whether it is new
 * @throws AppError unauthorized, not_found, forbidden, validation_failed, too_many_requests
 */
export async function sendMessage(
  context: Context<Env>,
  id: string,
  input: NewMessage,
): Promise<{ message: Message; made: boolean }> {
  const { userId } = requireActor(context);
  const ids = { message: context.newId(), sent: context.newId(), shared: context.newId() };
  const act = { userId, at: context.now().toISOString() };
  return askConversation(context, id, (conversation) => conversation.send(act, input, ids));
}
