import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";

/** Pushes a person's presence to a watcher no more; to nobody when there is none named. */
export async function unwatchPerson(
  context: Context<Env>,
  userId: string,
  watcherId: string | null,
): Promise<void> {
  const hub = watchObject(context, "USER_HUB", context.env.USER_HUB.getByName(userId));
  await callTimeout.execute(() => hub.unwatch(watcherId));
}
