import { notificationPreferences } from "@souk/db/schema/notifications";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { WISHES } from "../queries/preferences.ts";
import type { NotificationPreferences, NotificationPreferencesChange } from "../schemas.ts";

/**
 * Changes which channels the caller wants.
 * @param change fields left out keep their value
 * @throws AppError unauthorized
 */
export async function updatePreferences(
  context: Context<Env>,
  change: NotificationPreferencesChange,
): Promise<NotificationPreferences> {
  const { userId } = requireActor(context);
  const now = context.now();
  const [stored] = await context.db
    .insert(notificationPreferences)
    .values({ id: context.newId(), userId, ...change, createdAt: now, updatedAt: now })
    .onConflictDoUpdate({ target: notificationPreferences.userId, set: { ...change, updatedAt: now } })
    .returning(WISHES);
  if (stored === undefined) throw new Error("An upsert returned no row");
  return stored;
}
