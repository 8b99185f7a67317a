import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { directId } from "../conversation-id.ts";
import type { Env } from "../env.ts";
import { endWatch } from "../services/end-watch.ts";
import { askConversation } from "../services/open-conversation.ts";

type Turn = SoukEvent<"user.blocked"> | SoukEvent<"user.unblocked">;

async function turn(context: Context<Env>, { data, time }: Turn, blocked: boolean): Promise<void> {
  const act = { userId: data.userId, at: new Date(time).toISOString() };
  const id = await directId(data.userId, data.otherId);
  await askConversation(context, id, (conversation) => conversation.block(act, blocked));
}

/** Closes the conversation of two people, for both, as long as one blocks the other; neither watches the other any more. */
export async function userBlocked(context: Context<Env>, event: SoukEvent<"user.blocked">): Promise<void> {
  await endWatch(context, event.data.userId, event.data.otherId);
  await endWatch(context, event.data.otherId, event.data.userId);
  await turn(context, event, true);
}

export const userUnblocked = (context: Context<Env>, event: SoukEvent<"user.unblocked">): Promise<void> =>
  turn(context, event, false);
