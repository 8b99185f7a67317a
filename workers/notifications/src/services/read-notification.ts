import { notifications } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq, isNull } from "drizzle-orm";
import type { Env } from "../env.ts";
import { selectNotifications, toNotification } from "../queries/notifications.ts";
import { selectUnread } from "../queries/unread.ts";
import { userLock } from "../queries/user-lock.ts";
import type { Notification } from "../schemas.ts";
import { shareUnread } from "./share-unread.ts";

/**
 * Marks one of the caller's notifications read; one that was read keeps its time. Other devices are told.
 * @throws AppError unauthorized; not_found for an unknown id or another's
 */
export async function readNotification(context: Context<Env>, id: string): Promise<Notification> {
  const { userId } = requireActor(context);
  const { db } = context;
  const now = context.now();
  const mine = and(eq(notifications.id, id), eq(notifications.userId, userId));
  const [, , [found], [unread]] = await db.batch([
    db.execute(userLock(userId)),
    db
      .update(notifications)
      .set({ readAt: now, updatedAt: now })
      .where(and(mine, isNull(notifications.readAt))),
    selectNotifications(db).where(mine),
    selectUnread(db, userId),
  ]);
  if (found === undefined || unread === undefined)
    throw new AppError("not_found", "You have no such notification.");
  context.after(shareUnread(context, userId, unread));
  return toNotification(found);
}
