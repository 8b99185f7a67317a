import { digestOf } from "@souk/db/erased";
import { erased, inbox, notificationPreferences, notifications } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import type { EventType, SoukEvent } from "@souk/kit/events";
import { firstDelivery } from "@souk/kit/inbox";
import { callTimeout } from "@souk/kit/resilience";
import { and, eq, sql } from "drizzle-orm";
import { isCritical } from "../critical.ts";
import type { Env } from "../env.ts";
import { selectNotifications, toNotification } from "../queries/notifications.ts";
import { selectUnread } from "../queries/unread.ts";
import { userLock } from "../queries/user-lock.ts";
import { hubOf } from "./hub-of.ts";

interface Text {
  title: string;
  message: string;
  /** Facts for the apps; no secrets, no addresses. */
  data: Record<string, unknown>;
  /** Whom it tells of, when that is another person: it goes with them. */
  about?: string;
}

/**
 * Stores what an event means to a person, once, unless the person wants no such notice, and pushes it to the open sockets. The push is
 * repeated with the event: hub and client know the notification by its id.
 * @throws whatever the database or the hub throws; the event is then to be delivered again
 */
export async function notifyUser(
  context: Context<Env>,
  event: Pick<SoukEvent<EventType>, "id" | "type">,
  userId: string,
  text: Text,
): Promise<void> {
  const { db } = context;
  const now = context.now().toISOString();
  const silenced = sql`EXISTS (SELECT 1 FROM ${notificationPreferences} AS wish
    WHERE wish.user_id = ${userId}::uuid AND (wish.muted OR NOT wish.in_app))`;
  const people = [userId, ...(text.about === undefined ? [] : [text.about])].toSorted();
  const gone = sql`EXISTS (SELECT FROM ${erased} WHERE person IN (${sql.join(people.map(digestOf), sql`, `)}))`;
  const [, , [found], [unread]] = await db.batch([
    db.execute(userLock(...people)),
    db.execute(sql`WITH first AS (${firstDelivery(inbox, event.id)})
      INSERT INTO ${notifications} (id, user_id, event_id, type, title, message, data, created_at, updated_at)
      SELECT ${context.newId()}::uuid, ${userId}::uuid, first.event_id, ${event.type}, ${text.title}, ${text.message},
        ${JSON.stringify(text.data)}::jsonb, ${now}::timestamptz, ${now}::timestamptz
      FROM first WHERE (${isCritical(event.type)} OR NOT ${silenced})
        AND NOT ${gone}`),
    selectNotifications(db).where(and(eq(notifications.userId, userId), eq(notifications.eventId, event.id))),
    selectUnread(db, userId),
  ]);
  if (found === undefined || unread === undefined) return;
  const hub = hubOf(context, userId);
  await callTimeout.execute(() => hub.deliver(toNotification(found), unread));
}
