import { alertHistory, alerts, idempotencyKeys } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { eraseRows } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Erases a person's alerts, what they fired and the keys of their requests.
 * @param event the request; a repeat erases nothing
 */
export async function erasePerson(
  context: Context<Env>,
  event: SoukEvent<"person.erasure_requested">,
): Promise<void> {
  const theirs = sql`user_id = ${event.data.userId}::uuid`;
  await context.db.execute(
    eraseRows(context, event, {
      alerts: sql`DELETE FROM ${alerts} WHERE ${theirs}`,
      alert_history: sql`DELETE FROM ${alertHistory} WHERE alert_id IN (SELECT id FROM ${alerts} WHERE ${theirs})`,
      idempotency_keys: sql`DELETE FROM ${idempotencyKeys} WHERE caller_id = ${event.data.userId}::uuid`,
    }),
  );
}
