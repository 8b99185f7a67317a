import { alertHistory, alerts, idempotencyKeys } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { exportRows } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Gives a person's alerts, what they fired and the keys of their requests to their copy.
 * @throws whatever the database or `auth` throws; the event is then to be delivered again
 */
export async function exportPerson(
  context: Context<Env>,
  event: SoukEvent<"person.export_requested" | "person.export_continued">,
): Promise<void> {
  const theirs = sql`user_id = ${event.data.userId}::uuid`;
  await exportRows(context, event, {
    alerts: { rows: sql`SELECT * FROM ${alerts} WHERE ${theirs}`, key: ["id"] },
    alert_history: {
      rows: sql`SELECT * FROM ${alertHistory} WHERE alert_id IN (SELECT id FROM ${alerts} WHERE ${theirs})`,
      key: ["id"],
    },
    idempotency_keys: {
      rows: sql`SELECT * FROM ${idempotencyKeys} WHERE caller_id = ${event.data.userId}::uuid`,
      key: ["route", "key"],
    },
  });
}
