import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import type { Env } from "../env.ts";

/** Whether each of these people has a device connected, and else when their last one was, where that is known. */
export const readPresence = (
  context: Context<Env>,
  userIds: string[],
): Promise<{ userId: string; connected: boolean; lastSeenAt: string | null }[]> =>
  Promise.all(
    userIds.map(async (userId) => {
      const hub = context.env.USER_HUB.getByName(userId);
      return { userId, ...(await callTimeout.execute(() => hub.presence())) };
    }),
  );
