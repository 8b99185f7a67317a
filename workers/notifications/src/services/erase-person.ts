import { digestOf } from "@souk/db/erased";
import { deliveries, erased, notificationPreferences, notifications } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { eraseRows } from "@souk/kit/personal-data";
import { callTimeout } from "@souk/kit/resilience";
import { sql } from "drizzle-orm";
import { userLock } from "../queries/user-lock.ts";
import type { Env } from "../env.ts";
import { hubOf } from "./hub-of.ts";

/**
 * Erases a person's inbox, what others were told of them, wishes, records of mail and hub, and remembers that they are gone: an event that comes late stores nothing.
 * @param event the request; a repeat erases nothing
 * @throws whatever the database or the hub throws; the event is then to be delivered again
 */
export async function erasePerson(
  context: Context<Env>,
  event: SoukEvent<"person.erasure_requested">,
): Promise<void> {
  const { userId } = event.data;
  const theirs = sql`user_id = ${userId}::uuid`;
  // The hub first: when it fails, nothing has been told as erased.
  const hub = hubOf(context, userId);
  await callTimeout.execute(() => hub.forget());
  await context.db.batch([
    context.db.execute(userLock(userId)),
    context.db.execute(
      sql`INSERT INTO ${erased} (person) VALUES (${digestOf(userId)}) ON CONFLICT DO NOTHING`,
    ),
    context.db.execute(
      eraseRows(context, event, {
        notifications: sql`DELETE FROM ${notifications} WHERE ${theirs} OR ${notifications.data}->>'userId' = ${userId}::text`,
        notification_preferences: sql`DELETE FROM ${notificationPreferences} WHERE ${theirs}`,
        deliveries: sql`DELETE FROM ${deliveries} WHERE ${theirs}`,
      }),
    ),
  ]);
}
