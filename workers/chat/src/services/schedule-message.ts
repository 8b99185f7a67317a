import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { NewScheduledMessage, ScheduledMessage } from "../schemas/scheduled.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Keeps a message that is to be sent later; a repeat with its `clientMessageId` is answered with what is there.
 * @returns what is kept, and whether it is new
 * @throws AppError unauthorized, not_found, conflict, forbidden, validation_failed, limit_reached
 */
export const scheduleMessage = (
  context: Context<Env>,
  id: string,
  input: NewScheduledMessage,
): Promise<{ scheduled: ScheduledMessage; made: boolean }> =>
  actInConversation(context, id, (conversation, act) => conversation.schedule(act, input));
