import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";
import type { Unread } from "../schemas.ts";

/** Tells a person's open sockets the count, so that all devices agree. */
export async function shareUnread(context: Context<Env>, userId: string, unread: Unread): Promise<void> {
  const hub = watchObject(context, "USER_HUB", context.env.USER_HUB.getByName(userId));
  await callTimeout.execute(() => hub.count(unread));
}
