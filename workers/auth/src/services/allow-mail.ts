import { mailRequests } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import { later, LIMITS } from "../limits.ts";

/**
 * SQL that gives `user_id` when this person may be written to for this purpose: at most once a minute, also when many ask at once.
 * @param from a CTE with the column `id`
 */
export function allowMail(
  context: Context,
  purpose: typeof mailRequests.$inferInsert.purpose,
  from: SQL,
): SQL {
  const now = context.now();
  return sql`INSERT INTO ${mailRequests} AS request (user_id, purpose, requested_at)
    SELECT id, ${purpose}, ${now.toISOString()}::timestamptz FROM ${from}
    ON CONFLICT (user_id, purpose) DO UPDATE SET requested_at = excluded.requested_at
      WHERE request.requested_at <= ${later(now, -LIMITS.mailInterval).toISOString()}::timestamptz
    RETURNING user_id`;
}
