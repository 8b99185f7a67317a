import { inbox } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { prune } from "@souk/kit/prune";
import { handledBefore } from "@souk/kit/retention";
import type { Env } from "../env.ts";

/** Every hour: forgets which events were handled, once none of them can come again. */
export async function pruneJob(context: Context<Env>): Promise<void> {
  await prune(context, inbox, inbox.receivedAt, handledBefore(context.now()));
}
