import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Says yes or no to being asked to take part.
 * @throws AppError unauthorized; not_found when the caller is not asked
 */
export const answerRequest = (context: Context<Env>, id: string, yes: boolean): Promise<void> =>
  actInConversation(context, id, (conversation, act) => conversation.answerRequest(act, yes));
