import { accountAttempts } from "@souk/db/schema/auth-attempts";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import { later, LIMITS } from "../limits.ts";

/** SQL: what attempts at an account are counted by. An address without an account has such a key too. */
export const accountKey = (email: SQL): SQL => sql`encode(sha256(convert_to(${email}, 'UTF8')), 'hex')`;

/** SQL: what attempts of those who are signed in to an account are counted by: strangers cannot count there, so they cannot keep it locked. */
export const signedInKey = (email: SQL): SQL => accountKey(sql`'signed in: ' || ${email}::text`);

/** SQL: how long to wait after that many failures: nothing at first, then 1 s, 2 s, 4 s, ..., then the lockout. */
const delay = (failures: SQL): SQL => {
  const { free, lock, lockout } = LIMITS.failures;
  return sql`make_interval(secs => CASE WHEN ${failures} < ${free}::int THEN 0
    WHEN ${failures} < ${lock}::int THEN power(2, ${failures} - ${free}::int) ELSE ${lockout}::int END)`;
};

/**
 * SQL that counts an attempt at an account as a failure, before it is known to be one: so many guesses at once are as many as in turn.
 * The session that a right one opens takes the failures back.
 * @param account its key
 * @param from a CTE of one row, or of none: then nothing is counted
 * @returns `allowed`, for a CTE: one row with `failures` when the attempt is allowed; `wait`, for a column: seconds until a refused one would be
 */
export function allowAccount(context: Context, account: SQL, from: SQL): { allowed: SQL; wait: SQL } {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const forgotten = sql`${later(context.now(), -LIMITS.failures.forgotten).toISOString()}::timestamptz`;
  const freeAt = sql`known.last_at + ${delay(sql`known.failures`)}`;
  // Of calls at once one may carry an earlier time than the one before it: where there is no wait, no clock is asked.
  return {
    allowed: sql`INSERT INTO ${accountAttempts} AS known (account, failures, last_at)
      SELECT ${account}, 1, ${now} FROM ${from}
      ON CONFLICT (account) DO UPDATE SET last_at = ${now},
        failures = CASE WHEN known.last_at <= ${forgotten} THEN 1 ELSE known.failures + 1 END
        WHERE known.failures < ${LIMITS.failures.free}::int OR ${freeAt} <= ${now}
      RETURNING failures`,
    wait: sql`(SELECT ceil(extract(epoch FROM ${freeAt} - ${now}))::int FROM ${accountAttempts} AS known WHERE known.account = ${account})`,
  };
}
