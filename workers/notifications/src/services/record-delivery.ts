import { digestOf } from "@souk/db/erased";
import { deliveries, erased, notifications } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { callTimeout } from "@souk/kit/resilience";
import { and, eq, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { selectNotifications } from "../queries/notifications.ts";
import { userLock } from "../queries/user-lock.ts";
import { hubOf } from "./hub-of.ts";

/**
 * Records what became of the mail that an event caused, and tells the open sockets when there is a notification of that event. Where
 * the notification comes later, it finds the record. A mail that went out stays so; else the newest report counts.
 * @throws whatever the database or the hub throws; the event is then to be delivered again
 */
export async function recordDelivery(
  context: Context<Env>,
  event: SoukEvent<"email.sent" | "email.failed">,
): Promise<void> {
  const { db } = context;
  const { userId, causeId } = event.data;
  const status = event.type === "email.sent" ? "sent" : "failed";
  const reason = "reason" in event.data ? event.data.reason : null;
  const [, , [found]] = await db.batch([
    db.execute(userLock(userId)),
    db
      .insert(deliveries)
      .select(
        sql`SELECT ${causeId}::uuid, 'email', ${userId}::uuid, ${status}, ${reason}, ${event.time}::timestamptz
          WHERE NOT EXISTS (SELECT FROM ${erased} WHERE person = ${digestOf(userId)})`,
      )
      .onConflictDoUpdate({
        target: [deliveries.eventId, deliveries.channel],
        set: { status: sql`excluded.status`, reason: sql`excluded.reason`, at: sql`excluded.at` },
        setWhere: sql`(excluded.status = 'sent', excluded.at) > (${deliveries.status} = 'sent', ${deliveries.at})`,
      }),
    selectNotifications(db).where(and(eq(notifications.userId, userId), eq(notifications.eventId, causeId))),
  ]);
  const email = found?.email;
  if (found === undefined || !email) return;
  const hub = hubOf(context, userId);
  await callTimeout.execute(() =>
    hub.report({
      type: "delivery",
      notificationId: found.stored.id,
      channel: "email",
      status: email.status,
      at: email.at.toISOString(),
    }),
  );
}
