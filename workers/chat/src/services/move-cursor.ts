import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import type { Receipt } from "../schemas/message.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Moves the caller's cursor of what they read, or of what reached them, on to a message; never back.
 * @throws AppError unauthorized, not_found
 */
export const moveCursor = (
  context: Context<Env>,
  id: string,
  which: "read" | "delivered",
  seq: number,
): Promise<Receipt> =>
  actInConversation(context, id, (conversation, act) =>
    conversation.moveCursor(act, which, seq, context.newId()),
  );
