import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import type { PresenceState } from "@souk/kit/rpc";
import type { Env } from "../env.ts";
import { WATCH_MS } from "../limits.ts";
import { hubOf } from "./hub-of.ts";

/** Has each change of these people's presence pushed to a watcher's devices, for some minutes. Returns what it is now, and until when. */
export async function watchPeople(
  context: Context<Env>,
  watcherId: string,
  userIds: string[],
): Promise<{ items: PresenceState[]; until: string }> {
  const until = new Date(context.now().getTime() + WATCH_MS).toISOString();
  const items = await Promise.all(
    userIds.map((userId) => {
      const hub = hubOf(context, userId);
      return callTimeout.execute(() => hub.watch(userId, watcherId));
    }),
  );
  return { items, until };
}
