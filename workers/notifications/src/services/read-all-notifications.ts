import { notifications } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { and, eq, isNull } from "drizzle-orm";
import type { Env } from "../env.ts";
import { selectUnread } from "../queries/unread.ts";
import { userLock } from "../queries/user-lock.ts";
import { shareUnread } from "./share-unread.ts";

/** Marks all the caller's notifications read and returns how many were not. Other devices are told. @throws AppError unauthorized */
export async function readAllNotifications(context: Context<Env>): Promise<{ read: number }> {
  const { userId } = requireActor(context);
  const { db } = context;
  const now = context.now();
  const [, { rowCount }, [unread]] = await db.batch([
    db.execute(userLock(userId)),
    db
      .update(notifications)
      .set({ readAt: now, updatedAt: now })
      .where(and(eq(notifications.userId, userId), isNull(notifications.readAt))),
    selectUnread(db, userId),
  ]);
  if (unread !== undefined) context.after(shareUnread(context, userId, unread));
  return { read: rowCount };
}
