import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";
import { ROOMS_CLOSED_AT_ONCE } from "../limits.ts";
import { closeRooms } from "../services/close-rooms.ts";

/** Closes the sockets that an ended session has in rooms, the last ones at once. Its hub admits it to no more of them. */
export async function sessionRevoked(
  context: Context<Env>,
  { data: { userId, sessionId } }: SoukEvent<"session.revoked">,
): Promise<void> {
  const rooms = await callTimeout.execute(() =>
    context.env.NOTIFICATIONS.roomsOf(userId, sessionId, traceparent(context.trace)),
  );
  const earlier = rooms.slice(0, -ROOMS_CLOSED_AT_ONCE);
  if (earlier.length > 0) {
    const closer = watchObject(context, "ROOM_CLOSER", context.env.ROOM_CLOSER.getByName(sessionId));
    const cause = traceparent(context.trace);
    await callTimeout.execute(() => closer.begin({ sessionId, rooms: earlier.toReversed(), cause }));
  }
  await closeRooms(context, sessionId, rooms.slice(-ROOMS_CLOSED_AT_ONCE));
}
