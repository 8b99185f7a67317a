import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import type { PresenceState } from "@souk/kit/rpc";
import type { Env } from "../env.ts";
import { hubOf } from "./hub-of.ts";

/** Whether each of these people is there, over all their devices. */
export const readPresence = (context: Context<Env>, userIds: string[]): Promise<PresenceState[]> =>
  Promise.all(
    userIds.map((userId) => {
      const hub = hubOf(context, userId);
      return callTimeout.execute(() => hub.presence(userId));
    }),
  );
