import { deliveries, inbox } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import { prune } from "@souk/kit/prune";
import { handledBefore } from "@souk/kit/retention";
import type { Env } from "../env.ts";

/** Every hour: forgets which events were handled, and what became of their mails, once none of them can come again. */
export async function pruneJob(context: Context<Env>): Promise<void> {
  const before = handledBefore(context.now());
  await prune(context, inbox, inbox.receivedAt, before);
  await prune(context, deliveries, deliveries.at, before);
}
