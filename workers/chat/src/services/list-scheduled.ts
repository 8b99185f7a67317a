import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { ScheduledMessage } from "../schemas/scheduled.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * What the caller wrote for later in a conversation, in the order in which it will be sent.
 * @throws AppError unauthorized, not_found
 */
export const listScheduled = async (
  context: Context<Env>,
  id: string,
): Promise<{ items: ScheduledMessage[] }> => ({
  items: await actInConversation(context, id, (conversation, act) => conversation.waiting(act.userId)),
});
