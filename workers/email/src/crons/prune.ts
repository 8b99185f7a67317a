import { emailLogs } from "@souk/db/schema/email";
import type { Context } from "@souk/kit/context";
import { prune } from "@souk/kit/prune";
import { handledBefore } from "@souk/kit/retention";
import type { Env } from "../env.ts";

/** Every hour: forgets mails and their attempts, by which a repeat is recognised, once no event can ask for them again. */
export async function pruneJob(context: Context<Env>): Promise<void> {
  await prune(context, emailLogs, emailLogs.id, handledBefore(context.now()));
}
