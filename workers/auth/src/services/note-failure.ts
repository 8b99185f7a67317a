import { securityEvents } from "@souk/db/schema/auth-security-events";
import { addressKey } from "@souk/kit/address-key";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import { nameDevice } from "../name-device.ts";
import type { Device } from "../session-schemas.ts";

/**
 * SQL that enters an attempt into the security log as a failure, before it is known to be one, as `allowAccount` counts it. Those of one
 * network and hour share a row, so that no flood of them fills the table.
 * @param from a CTE with `id`, the person's; of no row where there is no such account
 * @returns for a CTE: the row's `id`, for `takeFailureBack`
 */
export function noteFailure(
  context: Context,
  type: "sign_in.failed" | "second_factor.failed",
  from: SQL,
  { userAgent, ip }: Device,
): SQL {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  return sql`INSERT INTO ${securityEvents} AS known (id, user_id, type, device, ip, details, occurred_at, network, hour)
    SELECT events.uuid_v7(${now}), id, ${type}, ${nameDevice(userAgent)}, ${ip}, '{}'::jsonb, ${now}, ${ip === null ? "" : addressKey(ip)},
      date_trunc('hour', ${now}, 'UTC') FROM ${from}
    ON CONFLICT (user_id, type, network, hour) WHERE hour IS NOT NULL DO UPDATE SET count = known.count + 1, device = excluded.device,
      ip = excluded.ip, occurred_at = CASE known.count WHEN 0 THEN excluded.occurred_at ELSE known.occurred_at END
    RETURNING id`;
}

/**
 * SQL that takes an attempt back which was right.
 * @param from a CTE of one row or, where the attempt failed after all, of none
 */
export const takeFailureBack = (id: string | null, from: SQL): SQL =>
  sql`UPDATE ${securityEvents} SET count = count - 1 WHERE id = ${id}::uuid AND EXISTS (SELECT FROM ${from})`;
