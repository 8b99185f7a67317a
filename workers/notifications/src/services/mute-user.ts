import { digestOf } from "@souk/db/erased";
import { erased, notificationPreferences } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { userLock } from "../queries/user-lock.ts";

/**
 * Takes over a person's master switch. Only a switch turned later than the one known counts, so repeats and disorder are harmless.
 * @param turned whether all but critical notices are silenced, and since when
 */
export async function muteUser(
  context: Context<Env>,
  userId: string,
  turned: { muted: boolean; at: Date },
): Promise<void> {
  const now = context.now().toISOString();
  const at = turned.at.toISOString();
  await context.db.batch([
    context.db.execute(userLock(userId)),
    context.db.execute(sql`
      INSERT INTO ${notificationPreferences} AS wish (id, user_id, muted, muted_at, created_at, updated_at)
      SELECT ${context.newId()}::uuid, ${userId}::uuid, ${turned.muted}::boolean, ${at}::timestamptz, ${now}::timestamptz, ${now}::timestamptz
      WHERE NOT EXISTS (SELECT FROM ${erased} WHERE person = ${digestOf(userId)})
      ON CONFLICT (user_id) DO UPDATE SET muted = excluded.muted, muted_at = excluded.muted_at, updated_at = excluded.updated_at
      WHERE wish.muted_at IS NULL OR wish.muted_at < excluded.muted_at`),
  ]);
}
