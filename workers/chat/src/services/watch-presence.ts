import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { requireActor } from "@souk/kit/route";
import { traceparent } from "@souk/kit/trace";
import type { Env } from "../env.ts";
import type { WatchedPresence } from "../schemas/presence.ts";
import { visibleOf } from "./read-presence.ts";

/**
 * Has each change of some people's presence pushed to the caller's devices for some minutes, of those who let the caller see it.
 * @returns what it is now
 * @throws AppError unauthorized
 */
export async function watchPresence(context: Context<Env>, userIds: string[]): Promise<WatchedPresence> {
  const { userId } = requireActor(context);
  const visible = await visibleOf(context, userId, [...new Set(userIds)]);
  return callTimeout.execute(() =>
    context.env.NOTIFICATIONS.watch(userId, visible, traceparent(context.trace)),
  );
}
