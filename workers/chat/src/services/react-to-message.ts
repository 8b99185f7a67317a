import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Message, Reaction } from "../schemas/message.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Puts the caller's reaction on a message, or takes it back; a repeat changes nothing.
 * @throws AppError unauthorized, not_found, forbidden, conflict, limit_reached
 */
export const reactToMessage = (
  context: Context<Env>,
  id: string,
  seq: number,
  reaction: Reaction,
): Promise<Message> =>
  actInConversation(context, id, (conversation, act) => conversation.react(act, seq, reaction));
