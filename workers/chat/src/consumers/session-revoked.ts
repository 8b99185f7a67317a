import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import type { Env } from "../env.ts";
import { MAX_ROOMS_CLOSED } from "../limits.ts";
import { askConversation } from "../services/open-conversation.ts";

/** Closes the sockets that an ended session has in rooms. Its hub admits it to no more of them. */
export async function sessionRevoked(
  context: Context<Env>,
  { data }: SoukEvent<"session.revoked">,
): Promise<void> {
  const rooms = await callTimeout.execute(() =>
    context.env.NOTIFICATIONS.roomsOf(data.userId, data.sessionId, traceparent(context.trace)),
  );
  for (const id of rooms.slice(-MAX_ROOMS_CLOSED))
    await askConversation(context, id, (conversation) => conversation.endSession(data.sessionId));
}
