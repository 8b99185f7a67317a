import { recoveryCodes } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import { LIMITS } from "../limits.ts";
import { hashRecoveryCode, newRecoveryCode } from "./recovery-code.ts";

/**
 * New recovery codes, and the SQL that stores their hashes, for a CTE.
 * @param from a CTE with the column `user_id`, of one row or of none: then nothing is stored
 */
export function newRecoveryCodes(context: Context, from: SQL): { codes: string[]; stored: SQL } {
  const codes = Array.from({ length: LIMITS.recoveryCodes }, newRecoveryCode);
  const hashes = JSON.stringify(codes.map(hashRecoveryCode));
  return {
    codes,
    stored: sql`INSERT INTO ${recoveryCodes} (user_id, hash, created_at)
      SELECT user_id, hash, ${context.now().toISOString()}::timestamptz FROM ${from}, jsonb_array_elements_text(${hashes}::jsonb) AS hash`,
  };
}
