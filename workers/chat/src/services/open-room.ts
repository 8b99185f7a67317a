import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { Way } from "@souk/kit/realtime/connection-route";
import { callTimeout } from "@souk/kit/resilience";
import { requireActor } from "@souk/kit/route";
import { traceparent } from "@souk/kit/trace";
import { watchObject } from "@souk/kit/watch-object";
import { OWN } from "../conversation/enter-room.ts";
import type { Env } from "../env.ts";
import type { RoomConnection } from "../objects/room-shard.ts";
import { askConversation } from "./open-conversation.ts";

/** The object that holds the sockets. */
const roomOf = (context: Context<Env>, id: string, shard: number) =>
  shard === OWN
    ? watchObject(context, "CONVERSATION", context.env.CONVERSATION.getByName(id))
    : watchObject(context, "ROOM", context.env.ROOM.getByName(`${id}:${shard}`));

/**
 * Opens a WebSocket to the room of a conversation, or a stream of server-sent events from it.
 * @param asked the `Origin` of the page that asks, where a browser names one, and the ticket, without which the actor's token counts
 * @returns the answer that carries it
 * @throws AppError forbidden for a page of another origin; unauthorized without a valid ticket or token, or when the session has ended;
 *   not_found for who takes no part
 */
export async function openRoom(
  context: Context<Env>,
  id: string,
  asked: { origin: string | undefined; ticket: string | undefined },
  way: Way,
): Promise<Response> {
  if (asked.origin !== undefined && !context.env.ALLOWED_ORIGINS.includes(asked.origin))
    throw new AppError("forbidden", "Pages of this origin may not open a connection.");
  const admission = asked.ticket === undefined ? requireActor(context) : { ticket: asked.ticket };
  const admitted = await callTimeout.execute(() =>
    context.env.NOTIFICATIONS.admit(
      "ticket" in admission ? admission : { userId: admission.userId, sessionId: admission.sessionId },
      id,
      traceparent(context.trace),
    ),
  );
  if (admitted === null)
    throw new AppError("unauthorized", "The ticket is unknown, used or expired, or the session has ended.");
  const at = context.now().toISOString();
  const { userId, sessionId } = admitted;
  const { shard, visibleFrom } = await askConversation(context, id, (conversation) =>
    conversation.enterRoom({ userId, at }),
  );
  const connection: RoomConnection = { conversationId: id, userId, sessionId, connectedAt: at, visibleFrom };
  const headers = { ...way, "x-connection": JSON.stringify(connection) };
  const answer = await callTimeout.execute(() =>
    roomOf(context, id, shard).fetch("https://room/", { headers }),
  );
  if (answer.status === 401) throw new AppError("unauthorized", "The session has ended. Log in again.");
  if (answer.status === 404) throw new AppError("not_found", "You have no such conversation.");
  return answer;
}
