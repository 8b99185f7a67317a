import { deliveries, notificationPreferences, notifications } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { exportRows } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Gives a person's inbox, wishes and records of mail to their copy.
 * @throws whatever the database or `auth` throws; the event is then to be delivered again
 */
export async function exportPerson(
  context: Context<Env>,
  event: SoukEvent<"person.export_requested" | "person.export_continued">,
): Promise<void> {
  const theirs = sql`user_id = ${event.data.userId}::uuid`;
  await exportRows(context, event, {
    notifications: { rows: sql`SELECT * FROM ${notifications} WHERE ${theirs}`, key: ["id"] },
    notification_preferences: {
      rows: sql`SELECT * FROM ${notificationPreferences} WHERE ${theirs}`,
      key: ["id"],
    },
    deliveries: { rows: sql`SELECT * FROM ${deliveries} WHERE ${theirs}`, key: ["event_id", "channel"] },
  });
}
