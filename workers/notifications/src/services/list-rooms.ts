import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import type { Env } from "../env.ts";
import { hubOf } from "./hub-of.ts";

/** The rooms that a session was admitted to. */
export async function listRooms(context: Context<Env>, userId: string, sessionId: string): Promise<string[]> {
  const hub = hubOf(context, userId);
  return callTimeout.execute(() => hub.roomsOf(sessionId));
}
