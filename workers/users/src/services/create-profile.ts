import { digestOf } from "@souk/db/erased";
import { erased, preferences, profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import { eq, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { keepPeople } from "../queries/person-lock.ts";

/**
 * Makes a person's profile, with the names of the account, and default preferences, where they do not exist yet; what exists stays
 * as it is, so duplicates, disorder and races are harmless. Who was erased while the account was asked for gets none.
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
  const { db } = context;
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const make = sql`
    WITH person AS (
      SELECT ${userId}::uuid AS id WHERE NOT EXISTS (SELECT FROM ${erased} WHERE person = ${digestOf(userId)})
    ), preferred AS (
      INSERT INTO ${preferences} (id, user_id, created_at, updated_at)
      SELECT ${context.newId()}::uuid, id, ${now}, ${now} FROM person ON CONFLICT DO NOTHING
    )
    INSERT INTO ${profiles} (id, user_id, first_name, last_name, created_at, updated_at)
    SELECT ${context.newId()}::uuid, id, ${contact.firstName}, ${contact.lastName}, ${now}, ${now} FROM person
    ON CONFLICT (user_id) DO NOTHING`;
  const [, , [profile]] = await db.batch([
    db.execute(keepPeople(userId)),
    db.execute(make),
    db.select().from(profiles).where(eq(profiles.userId, userId)),
  ]);
  return profile ?? null;
}
