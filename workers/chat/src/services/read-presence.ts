import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { requireActor } from "@souk/kit/route";
import { traceparent } from "@souk/kit/trace";
import type { Env } from "../env.ts";
import type { Presence } from "../schemas/presence.ts";

/** Of some people those who let the caller see when they are active. */
export async function visibleOf(context: Context<Env>, userId: string, userIds: string[]): Promise<string[]> {
  const found = await callTimeout.execute(() =>
    context.env.USERS.reach(userId, userIds, traceparent(context.trace)),
  );
  return found.filter(({ activity }) => activity).map((person) => person.userId);
}

/**
 * Which of some people are there, over all their devices; whoever does not let the caller see that is left out.
 * @throws AppError unauthorized
 */
export async function readPresence(context: Context<Env>, userIds: string[]): Promise<{ items: Presence[] }> {
  const visible = await visibleOf(context, requireActor(context).userId, userIds);
  if (visible.length === 0) return { items: [] };
  const items = await callTimeout.execute(() =>
    context.env.NOTIFICATIONS.presence(visible, traceparent(context.trace)),
  );
  return { items };
}
