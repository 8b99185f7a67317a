import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { EarlierText } from "../schemas/message.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * What a message said before it was edited, the oldest first, for all who may read it.
 * @throws AppError unauthorized, not_found
 */
export const listEdits = async (
  context: Context<Env>,
  id: string,
  seq: number,
): Promise<{ items: EarlierText[] }> => ({
  items: await actInConversation(context, id, (conversation, act) => conversation.edits(act.userId, seq)),
});
