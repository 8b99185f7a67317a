import { notifications } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireActor } from "@souk/kit/route";
import { and, desc, eq, isNull, lt } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { selectNotifications, toNotification } from "../queries/notifications.ts";
import type { NotificationPage, NotificationQuery } from "../schemas.ts";

/**
 * The caller's notifications, newest first.
 * @throws AppError unauthorized, invalid_cursor
 */
export async function listNotifications(
  context: Context<Env>,
  query: NotificationQuery,
): Promise<NotificationPage> {
  const { userId } = requireActor(context);
  const after = query.cursor === undefined ? undefined : readCursor(z.uuid(), query.cursor);
  const rows = await selectNotifications(context.db)
    .where(
      and(
        eq(notifications.userId, userId),
        query.unread === "true" ? isNull(notifications.readAt) : undefined,
        after === undefined ? undefined : lt(notifications.id, after),
      ),
    )
    .orderBy(desc(notifications.id))
    .limit(query.limit + 1);
  return toPage(rows.map(toNotification), query.limit, (notification) => notification.id);
}
