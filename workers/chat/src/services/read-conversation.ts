import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Conversation } from "../schemas/conversation.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * One of the caller's conversations as it is now.
 * @throws AppError unauthorized; not_found for an unknown id or another's
 */
export const readConversation = (context: Context<Env>, id: string): Promise<Conversation> =>
  actInConversation(context, id, (conversation, act) => conversation.read(act.userId));
