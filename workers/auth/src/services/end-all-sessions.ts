import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";

/**
 * SQL that ends every session of an account which has just gone to sleep. A statement of its own, which sees also the sessions of log-ins
 * that the one before it waited for.
 */
export const endAllSessions = (
  context: Context,
  userId: string,
  asleep: { status: "deactivated" | "deleting"; reason: "deactivation" | "deletion" },
): SQL => {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  return sql`
    UPDATE ${sessions} AS session SET revoked_at = ${now}, revoked_reason = ${asleep.reason}, updated_at = ${now}
    FROM ${users} AS person
    WHERE person.id = ${userId}::uuid AND person.status = ${asleep.status}
      AND session.user_id = person.id AND session.revoked_at IS NULL`;
};
