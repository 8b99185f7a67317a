import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Message } from "../schemas/message.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Pins a message for all, or takes the pin away; a repeat changes nothing.
 * @throws AppError unauthorized, not_found, forbidden, conflict, limit_reached
 */
export const pinMessage = (context: Context<Env>, id: string, seq: number, on: boolean): Promise<Message> =>
  actInConversation(context, id, (conversation, act) => conversation.pin(act, seq, on));
