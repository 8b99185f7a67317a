import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Message, MessageChange } from "../schemas/message.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Edits one of the caller's messages, for a while after it was sent.
 * @throws AppError unauthorized, not_found; forbidden for another's; conflict when it is deleted or too old
 */
export const editMessage = (
  context: Context<Env>,
  id: string,
  seq: number,
  change: MessageChange,
): Promise<Message> =>
  actInConversation(context, id, (conversation, act) => conversation.edit(act, seq, change.text));
