import type { Database } from "@souk/db/client";
import { notificationPreferences } from "@souk/db/schema/notifications";
import { eq } from "drizzle-orm";
import type { NotificationPreferences } from "../schemas.ts";

/** The columns that make up a person's wishes. */
export const WISHES = {
  email: notificationPreferences.email,
  inApp: notificationPreferences.inApp,
  push: notificationPreferences.push,
  muted: notificationPreferences.muted,
};

/** A person's wishes; whoever never chose wants all channels. */
export async function preferencesOf(db: Database, userId: string): Promise<NotificationPreferences> {
  const [stored] = await db
    .select(WISHES)
    .from(notificationPreferences)
    .where(eq(notificationPreferences.userId, userId));
  return stored ?? { email: true, inApp: true, push: true, muted: false };
}
