import { preferences, profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { exportRows } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Gives a person's profile and preferences to their copy.
 * @throws whatever the database or `auth` throws; the event is then to be delivered again
 */
export async function exportPerson(
  context: Context<Env>,
  event: SoukEvent<"person.export_requested">,
): Promise<void> {
  const theirs = sql`user_id = ${event.data.userId}::uuid`;
  await exportRows(context, event, {
    profiles: sql`SELECT * FROM ${profiles} WHERE ${theirs} ORDER BY id DESC`,
    preferences: sql`SELECT * FROM ${preferences} WHERE ${theirs} ORDER BY id DESC`,
  });
}
