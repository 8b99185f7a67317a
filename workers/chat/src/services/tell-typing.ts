import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Tells the others that the caller is typing; not more often than every few seconds, and nothing is kept.
 * @throws AppError unauthorized, not_found
 */
export const tellTyping = (context: Context<Env>, id: string): Promise<void> =>
  actInConversation(context, id, (conversation, act) => conversation.typing(act));
