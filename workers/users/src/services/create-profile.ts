import { preferences, profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Makes a person's profile, with the names of the account, and default preferences, where they do not exist yet; what exists stays
 * as it is, so duplicates, disorder and races are harmless.
 * @returns the profile, new or old; null when there is no such account
 */
export async function createProfile(
  context: Context<Env>,
  userId: string,
): Promise<typeof profiles.$inferSelect | null> {
  const contact = await callTimeout.execute(() =>
    context.env.AUTH.contact(userId, traceparent(context.trace)),
  );
  if (contact === null) return null;
  const now = context.now();
  const [, [profile]] = await context.db.batch([
    context.db
      .insert(preferences)
      .values({ id: context.newId(), userId, createdAt: now, updatedAt: now })
      .onConflictDoNothing(),
    context.db
      .insert(profiles)
      .values({
        id: context.newId(),
        userId,
        firstName: contact.firstName,
        lastName: contact.lastName,
        createdAt: now,
        updatedAt: now,
      })
      // Changes nothing: it only makes RETURNING give the row that is there.
      .onConflictDoUpdate({ target: profiles.userId, set: { userId: sql`excluded.user_id` } })
      .returning(),
  ]);
  return profile ?? null;
}
