import type { Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import type { Publication } from "@souk/kit/realtime/frames";
import { callTimeout } from "@souk/kit/resilience";
import type { Env } from "../env.ts";
import { hubOf } from "./hub-of.ts";

/** What goes to one person's hub. */
export interface ToPerson {
  userId: string;
  publications: Publication[];
}

/**
 * Publishes to people's hubs, all at once. One hub that fails keeps nothing from the others; a repeat of a publication's key is none.
 * @returns who was not reached, and who has a device connected
 */
export async function publishToPeople(
  context: Context<Env>,
  deliveries: ToPerson[],
): Promise<{ failed: string[]; connected: string[] }> {
  const failed: string[] = [];
  const connected: string[] = [];
  await Promise.all(
    deliveries.map(async ({ userId, publications }) => {
      try {
        const hub = hubOf(context, userId);
        if (await callTimeout.execute(() => hub.publish(publications))) connected.push(userId);
      } catch (error) {
        context.log.warn("hub not reached", { userId, error: describeError(error) });
        failed.push(userId);
      }
    }),
  );
  return { failed, connected };
}
