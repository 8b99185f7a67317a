import { preferences } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { eq, sql } from "drizzle-orm";
import { toPreferences } from "../answers.ts";
import type { Env } from "../env.ts";
import type { Preferences } from "../schemas.ts";

/**
 * The caller's preferences; the defaults are stored now if `user.registered` has not arrived yet (conflicts.md C14).
 * @throws AppError unauthorized
 */
export async function readPreferences(context: Context<Env>): Promise<Preferences> {
  const { userId } = requireActor(context);
  const [found] = await context.db.select().from(preferences).where(eq(preferences.userId, userId));
  if (found !== undefined) return toPreferences(found);
  const now = context.now();
  const [made] = await context.db
    .insert(preferences)
    .values({ id: context.newId(), userId, createdAt: now, updatedAt: now })
    // Changes nothing: it only makes RETURNING give the row of whoever came between.
    .onConflictDoUpdate({ target: preferences.userId, set: { userId: sql`excluded.user_id` } })
    .returning();
  if (made === undefined) throw new Error("An upsert returned no row");
  return toPreferences(made);
}
