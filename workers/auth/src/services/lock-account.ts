import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { LIMITS } from "../limits.ts";
import { noteSecurityEvent } from "./note-security-event.ts";

/**
 * After a failed attempt: has the owner mailed a link that unlocks the account, when this was the failure that locked it.
 * An address without an account costs the same statement.
 * @param failures of the account so far, as they were counted before the attempt
 */
export async function lockAccount(context: Context<Env>, email: string, failures: number): Promise<void> {
  if (failures !== LIMITS.failures.lock) return;
  await context.db.execute(sql`
    WITH person AS (SELECT id FROM ${users} WHERE lower(email) = ${email} AND status <> 'erasing'), noted AS (
      ${noteSecurityEvent(context, "account.locked", { from: sql`person`, userId: sql`id` })}
    )
    ${appendEvents(context, "account.locked", {
      from: sql`person`,
      aggregateId: sql`id`,
      data: sql`jsonb_build_object('userId', id)`,
    })}`);
}
