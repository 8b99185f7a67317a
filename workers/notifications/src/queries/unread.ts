import { notifications } from "@souk/db/schema/notifications";
import type { Database } from "@souk/db/client";
import { and, eq, isNull, sql } from "drizzle-orm";

/** The person's unread count with its time, to the microsecond: the later of two counts has the greater `asOf`. One row. */
export const selectUnread = (db: Database, userId: string) =>
  db
    .select({
      unread: sql<number>`count(*)::int`,
      asOf: sql<string>`to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    })
    .from(notifications)
    .where(and(eq(notifications.userId, userId), isNull(notifications.readAt)));
