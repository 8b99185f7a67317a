import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Takes back what the caller wrote for later.
 * @throws AppError unauthorized; not_found, also when it was sent
 */
export const unscheduleMessage = (
  context: Context<Env>,
  id: string,
  clientMessageId: string,
): Promise<void> =>
  actInConversation(context, id, (conversation, act) => conversation.unschedule(act, clientMessageId));
