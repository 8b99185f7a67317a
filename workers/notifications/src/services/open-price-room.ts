import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { Way } from "@souk/kit/realtime/connection-route";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";
import { MAX_SHARDS, shardOf } from "../price-rooms.ts";
import type { RoomRequest } from "../schemas.ts";
import { authorizeConnection, type Asked } from "./authorize-connection.ts";
import { hubOf } from "./hub-of.ts";

const ENDED = "The session has ended. Log in again.";

/**
 * Opens a WebSocket to the live price of a pair, or a stream of server-sent events from it: by the first of its objects that has room.
 * @returns the answer that carries it
 * @throws AppError forbidden for a page of another origin; unauthorized without a valid ticket or token, or when the session has ended;
 * not_found for a pair without a price; unavailable when all objects are full
 */
export async function openPriceRoom(
  context: Context<Env>,
  asked: Asked,
  room: string,
  way: Way,
): Promise<Response> {
  const connection = await authorizeConnection(context, asked);
  const hub = hubOf(context, connection.userId);
  if (!(await callTimeout.execute(() => hub.admit(connection.sessionId, room))))
    throw new AppError("unauthorized", ENDED);
  for (let shard = 0; shard < MAX_SHARDS; shard++) {
    const object = watchObject(context, "PRICE_ROOM", context.env.PRICE_ROOM.getByName(shardOf(room, shard)));
    const answer = await callTimeout.execute(() =>
      object.fetch("https://room/", {
        headers: {
          ...way,
          "x-connection": JSON.stringify(connection),
          traceparent: traceparent(context.trace),
          "x-room": JSON.stringify({ room, shard } satisfies RoomRequest),
        },
      }),
    );
    if (answer.status === 401) throw new AppError("unauthorized", ENDED);
    if (answer.status === 404) throw new AppError("not_found", "No price of this pair is known yet.");
    if (answer.status !== 503) return answer;
  }
  throw new AppError("unavailable", "Too many follow this price.", { retryAfter: 30 });
}
