import { addressKey } from "@souk/kit/address-key";
import { addressAttempts } from "@souk/db/schema/auth-attempts";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";

/**
 * SQL that counts a call of a credential route by its caller's network, over a window that slides: no 15 minutes see more than the limit,
 * also when many call at once. A refused call is not counted.
 * @param ip null when the platform names no address, which happens to no call from outside: then nothing is counted
 * @returns `allowed`, for a CTE: one row when the call is allowed; `wait`, for a column: seconds until a refused one would be
 */
export function allowAddress(context: Context<Env>, ip: string | null): { allowed: SQL; wait: SQL } {
  if (ip === null) return { allowed: sql`SELECT 1`, wait: sql`NULL::int` };
  const network = addressKey(ip);
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const since = sql`${later(context.now(), -LIMITS.addressWindow).toISOString()}::timestamptz`;
  const kept = sql`ARRAY(SELECT at FROM unnest(known.recent) AS at WHERE at > ${since} ORDER BY at)`;
  const free = sql`cardinality(${kept}) < ${context.env.ATTEMPTS_PER_ADDRESS}::int`;
  return {
    allowed: sql`INSERT INTO ${addressAttempts} AS known (network, recent, last_at)
      VALUES (${network}, ARRAY[${now}], ${now})
      ON CONFLICT (network) DO UPDATE SET recent = ${kept} || ${now}, last_at = ${now}
        WHERE ${free}
      RETURNING 1`,
    wait: sql`(SELECT ceil(extract(epoch FROM known.recent[1] - ${since}))::int FROM ${addressAttempts} AS known
      WHERE known.network = ${network} AND NOT ${free})`,
  };
}
