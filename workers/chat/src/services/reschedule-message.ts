import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { ScheduledMessage, ScheduledMessageChange } from "../schemas/scheduled.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Gives what the caller wrote for later another text and time, while it is not sent.
 * @throws AppError unauthorized, not_found, forbidden, validation_failed
 */
export const rescheduleMessage = (
  context: Context<Env>,
  id: string,
  clientMessageId: string,
  change: ScheduledMessageChange,
): Promise<ScheduledMessage> =>
  actInConversation(context, id, (conversation, act) =>
    conversation.reschedule(act, clientMessageId, change),
  );
