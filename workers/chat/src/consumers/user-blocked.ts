import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { directId } from "../conversation-id.ts";
import type { Env } from "../env.ts";
import { askConversation } from "../services/open-conversation.ts";

type Turn = SoukEvent<"user.blocked"> | SoukEvent<"user.unblocked">;

async function turn(context: Context<Env>, { data, time }: Turn, blocked: boolean): Promise<void> {
  const act = { userId: data.userId, at: new Date(time).toISOString() };
  const id = await directId(data.userId, data.otherId);
  await askConversation(context, id, (conversation) => conversation.block(act, blocked));
}

/** Closes the conversation of two people, for both, as long as one blocks the other. */
export const userBlocked = (context: Context<Env>, event: SoukEvent<"user.blocked">): Promise<void> =>
  turn(context, event, true);

export const userUnblocked = (context: Context<Env>, event: SoukEvent<"user.unblocked">): Promise<void> =>
  turn(context, event, false);
