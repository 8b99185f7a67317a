import { accountAttempts } from "@souk/db/schema/auth-attempts";
import type { Context } from "@souk/kit/context";
import { eq, type SQL } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Takes failures back, where a right password opens no session that would.
 * @param bucket where they were counted: the account's key, or that of a known device
 */
export async function forgetFailures(context: Context<Env>, bucket: SQL): Promise<void> {
  await context.db.delete(accountAttempts).where(eq(accountAttempts.account, bucket));
}
