import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Message } from "../schemas/message.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * The pinned messages of a conversation, in their order.
 * @throws AppError unauthorized, not_found
 */
export const listPins = async (context: Context<Env>, id: string): Promise<{ items: Message[] }> => ({
  items: await actInConversation(context, id, (conversation, act) => conversation.pins(act.userId)),
});
