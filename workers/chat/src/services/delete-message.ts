import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Message } from "../schemas/message.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Deletes a message for everybody: its place stays. A repeat changes nothing.
 * @throws AppError unauthorized, not_found; forbidden for another's; conflict when it is too old
 */
export const deleteMessage = (context: Context<Env>, id: string, seq: number): Promise<Message> =>
  actInConversation(context, id, (conversation, act) => conversation.remove(act, seq));
