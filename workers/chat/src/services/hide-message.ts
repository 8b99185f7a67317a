import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Message } from "../schemas/message.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Deletes a message for the caller alone, on all their devices. A repeat changes nothing.
 * @returns what they see of it from now on
 * @throws AppError unauthorized, not_found
 */
export const hideMessage = (context: Context<Env>, id: string, seq: number): Promise<Message> =>
  actInConversation(context, id, (conversation, act) => conversation.hide(act, seq));
