import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Conversation } from "../schemas/conversation.ts";
import type { DraftChange } from "../schemas/member.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Keeps what the caller has begun to write in a conversation, for all their devices; an empty text takes it away.
 * @throws AppError unauthorized, not_found, validation_failed
 */
export const saveDraft = (
  context: Context<Env>,
  id: string,
  change: DraftChange,
): Promise<Conversation["me"]> =>
  actInConversation(context, id, (conversation, act) => conversation.draft(act, change));
