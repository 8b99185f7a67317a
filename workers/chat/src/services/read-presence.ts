import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { requireActor } from "@souk/kit/route";
import { traceparent } from "@souk/kit/trace";
import type { Env } from "../env.ts";
import type { Presence } from "../schemas.ts";

/**
 * Which of some people are online, over all their devices; whoever does not let the caller see that is left out.
 * @throws AppError unauthorized
 */
export async function readPresence(context: Context<Env>, userIds: string[]): Promise<{ items: Presence[] }> {
  const { userId } = requireActor(context);
  const trace = traceparent(context.trace);
  const { USERS, NOTIFICATIONS } = context.env;
  const found = await callTimeout.execute(() => USERS.reach(userId, userIds, trace));
  const shown = found.filter(({ activity }) => activity).map((person) => person.userId);
  if (shown.length === 0) return { items: [] };
  const present = await callTimeout.execute(() => NOTIFICATIONS.presence(shown, trace));
  return {
    items: present.map((person) => ({
      userId: person.userId,
      status: person.connected ? "online" : "offline",
      lastSeenAt: person.connected ? null : person.lastSeenAt,
    })),
  };
}
