import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import type { Receipt } from "../schemas.ts";
import { askConversation } from "./open-conversation.ts";

/**
 * Moves the caller's cursor of what they read, or of what reached them, on to a message; never back.
 * @throws AppError unauthorized, not_found
 */
export async function moveCursor(
  context: Context<Env>,
  id: string,
  which: "read" | "delivered",
  seq: number,
): Promise<Receipt> {
  const { userId } = requireActor(context);
  const act = { userId, at: context.now().toISOString() };
  return askConversation(context, id, (conversation) =>
    conversation.moveCursor(act, which, seq, context.newId()),
  );
}
