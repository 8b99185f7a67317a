import { preferences } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { toPreferences } from "../answers.ts";
import type { Env } from "../env.ts";
import type { Preferences, PreferencesChange } from "../schemas.ts";

/** `updated_at` as the event carries it. It grows with each change, so whoever keeps the newest event has the state that is stored. */
const LATER = sql`greatest(excluded.updated_at, ${preferences.updatedAt} + interval '1 millisecond')`;
const ISO = sql.raw(`'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`);

/**
 * Changes the caller's preferences, or stores them with the change when there are none yet, and tells it by `preferences.updated`,
 * in one statement.
 * @param change fields left out keep their value
 * @throws AppError unauthorized
 */
export async function updatePreferences(
  context: Context<Env>,
  change: PreferencesChange,
): Promise<Preferences> {
  const { userId } = requireActor(context);
  const { db } = context;
  const now = context.now();
  const changed = db.$with("changed").as(
    db
      .insert(preferences)
      .values({ id: context.newId(), userId, ...change, createdAt: now, updatedAt: now })
      .onConflictDoUpdate({ target: preferences.userId, set: { ...change, updatedAt: LATER } })
      .returning(),
  );
  const event = db.$with("event", {}).as(
    appendEvents(context, "preferences.updated", {
      from: sql`changed`,
      aggregateId: sql`user_id::text`,
      data: sql`jsonb_build_object('userId', user_id, 'notifications', notifications, 'updatedAt', to_char(updated_at AT TIME ZONE 'UTC', ${ISO}))`,
    }),
  );
  const [stored] = await db.with(changed, event).select().from(changed);
  if (stored === undefined) throw new Error("An upsert returned no row");
  return toPreferences(stored);
}
