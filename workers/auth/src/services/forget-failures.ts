import { accountAttempts } from "@souk/db/schema/auth-attempts";
import type { Context } from "@souk/kit/context";
import { eq, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { accountKey } from "./allow-account.ts";

/** Takes an account's failures back, where a right password opens no session that would. */
export async function forgetFailures(context: Context<Env>, email: string): Promise<void> {
  await context.db.delete(accountAttempts).where(eq(accountAttempts.account, accountKey(sql`${email}`)));
}
