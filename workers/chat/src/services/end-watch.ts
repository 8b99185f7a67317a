import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import type { Env } from "../env.ts";

/** Has a person's presence pushed to a watcher no more, or to nobody; who may still see it asks again. */
export const endWatch = (context: Context<Env>, userId: string, watcherId: string | null): Promise<void> =>
  callTimeout.execute(() => context.env.NOTIFICATIONS.unwatch(userId, watcherId, traceparent(context.trace)));
