import { notificationPreferences } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Takes over a person's master switch. Only a switch turned later than the one known counts, so repeats and disorder are harmless.
 * @param turned whether all but critical notices are silenced, and since when
 */
export async function muteUser(
  context: Context<Env>,
  userId: string,
  turned: { muted: boolean; at: Date },
): Promise<void> {
  const now = context.now();
  const { muted, at } = turned;
  await context.db
    .insert(notificationPreferences)
    .values({ id: context.newId(), userId, muted, mutedAt: at, createdAt: now, updatedAt: now })
    .onConflictDoUpdate({
      target: notificationPreferences.userId,
      set: { muted, mutedAt: at, updatedAt: now },
      setWhere: sql`${notificationPreferences.mutedAt} IS NULL OR ${notificationPreferences.mutedAt} < excluded.muted_at`,
    });
}
