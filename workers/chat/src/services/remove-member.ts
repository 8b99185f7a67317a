import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Leaves a group, or removes somebody from it; a repeat changes nothing.
 * @throws AppError unauthorized, not_found, forbidden
 */
export const removeMember = (context: Context<Env>, id: string, userId: string): Promise<void> =>
  actInConversation(context, id, (conversation, act) => conversation.removeMember(act, userId));
