import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Conversation } from "../schemas/conversation.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Silences a conversation for the caller until a time, or, by null, not any more.
 * @throws AppError unauthorized, not_found
 */
export const muteConversation = (
  context: Context<Env>,
  id: string,
  until: string | null,
): Promise<Conversation["me"]> =>
  actInConversation(context, id, (conversation, act) => conversation.mute(act, until));
