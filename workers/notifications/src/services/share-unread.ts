import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import type { Env } from "../env.ts";
import type { Unread } from "../schemas.ts";
import { hubOf } from "./hub-of.ts";

/** Tells a person's open sockets the count, so that all devices agree. */
export async function shareUnread(context: Context<Env>, userId: string, unread: Unread): Promise<void> {
  const hub = hubOf(context, userId);
  await callTimeout.execute(() => hub.count(unread));
}
