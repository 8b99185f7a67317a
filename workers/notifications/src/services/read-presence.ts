import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import type { PresenceState } from "@souk/kit/rpc";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";

/** Whether each of these people is there, over all their devices. */
export const readPresence = (context: Context<Env>, userIds: string[]): Promise<PresenceState[]> =>
  Promise.all(
    userIds.map((userId) => {
      const hub = watchObject(context, "USER_HUB", context.env.USER_HUB.getByName(userId));
      return callTimeout.execute(() => hub.presence(userId));
    }),
  );
