import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import type { Conversation } from "../schemas.ts";
import { askConversation } from "./open-conversation.ts";

/**
 * One of the caller's conversations as it is now.
 * @throws AppError unauthorized; not_found for an unknown id or another's
 */
export async function readConversation(context: Context<Env>, id: string): Promise<Conversation> {
  const { userId } = requireActor(context);
  return askConversation(context, id, (conversation) => conversation.read(userId));
}
