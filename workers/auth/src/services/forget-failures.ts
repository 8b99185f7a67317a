import { accountAttempts } from "@souk/db/schema/auth-attempts";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import type { Env } from "../env.ts";
import { takeFailureBack } from "./note-failure.ts";

/**
 * Takes failures back, where a right password opens no session that would.
 * @param bucket where they were counted: the account's key, or that of a known device
 * @param failureId the attempt in the security log, where it was entered
 */
export async function forgetFailures(
  context: Context<Env>,
  bucket: SQL,
  failureId: string | null = null,
): Promise<void> {
  await context.db.execute(sql`
    WITH forgotten AS (
      DELETE FROM ${accountAttempts} WHERE account = ${bucket} RETURNING account
    ), done AS (SELECT count(*) AS forgotten FROM forgotten)
    ${takeFailureBack(failureId, sql`done WHERE forgotten >= 0`)}`);
}
