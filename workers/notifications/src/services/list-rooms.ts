import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";

/** The rooms that a session was admitted to. */
export async function listRooms(context: Context<Env>, userId: string, sessionId: string): Promise<string[]> {
  const hub = watchObject(context, "USER_HUB", context.env.USER_HUB.getByName(userId));
  return callTimeout.execute(() => hub.roomsOf(sessionId));
}
