import { preferences, profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { eraseRows } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Erases a person's profile and preferences. None is made anew: `auth` knows no contact of an account that is being erased.
 * @param event the request; a repeat erases nothing
 */
export async function erasePerson(
  context: Context<Env>,
  event: SoukEvent<"person.erasure_requested">,
): Promise<void> {
  const theirs = sql`user_id = ${event.data.userId}::uuid`;
  await context.db.execute(
    eraseRows(context, event, {
      profiles: sql`DELETE FROM ${profiles} WHERE ${theirs}`,
      preferences: sql`DELETE FROM ${preferences} WHERE ${theirs}`,
    }),
  );
}
