import type { Database } from "@souk/db/client";
import { deliveries, notifications } from "@souk/db/schema/notifications";
import { and, eq } from "drizzle-orm";
import type { Notification } from "../schemas.ts";

/** Notifications with what became of the mails about them; to be narrowed by the owner's id. */
export const selectNotifications = (db: Database) =>
  db
    .select({ stored: notifications, email: { status: deliveries.status, at: deliveries.at } })
    .from(notifications)
    .leftJoin(
      deliveries,
      and(
        eq(deliveries.eventId, notifications.eventId),
        eq(deliveries.channel, "email"),
        eq(deliveries.userId, notifications.userId),
      ),
    );

type Row = Awaited<ReturnType<typeof selectNotifications>>[number];

/** A stored notification as the API and the socket show it. */
export const toNotification = ({ stored, email }: Row): Notification => ({
  id: stored.id,
  type: stored.type,
  title: stored.title,
  message: stored.message,
  data: stored.data,
  readAt: stored.readAt?.toISOString() ?? null,
  createdAt: stored.createdAt.toISOString(),
  email: email && { status: email.status, at: email.at.toISOString() },
});
