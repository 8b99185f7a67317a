import { exports } from "@souk/db/schema/auth-account-life";
import type { Context } from "@souk/kit/context";
import { lte } from "drizzle-orm";
import type { Env } from "../env.ts";

/** Deletes the copies that nobody may fetch any more, with their parts. */
export async function dropExpiredExports(context: Context<Env>): Promise<void> {
  await context.db.delete(exports).where(lte(exports.expiresAt, context.now()));
}
