import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Conversation, SettingsChange } from "../schemas/conversation.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Changes a conversation's settings; a field left out keeps its value.
 * @throws AppError unauthorized, not_found; forbidden for who may not
 */
export const updateConversation = (
  context: Context<Env>,
  id: string,
  change: SettingsChange,
): Promise<Conversation> =>
  actInConversation(context, id, (conversation, act) => conversation.settings(act, change));
