import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import type { Env } from "../env.ts";
import { hubOf } from "./hub-of.ts";

/** Pushes a person's presence to a watcher no more; to nobody when there is none named. */
export async function unwatchPerson(
  context: Context<Env>,
  userId: string,
  watcherId: string | null,
): Promise<void> {
  const hub = hubOf(context, userId);
  await callTimeout.execute(() => hub.unwatch(watcherId));
}
