import { profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { eq, sql } from "drizzle-orm";
import { toProfile } from "../answers.ts";
import type { Env } from "../env.ts";
import type { Profile, ProfileChange } from "../schemas.ts";
import { createProfile } from "./create-profile.ts";

/**
 * Changes the caller's profile and tells the names of the fields by `profile.updated`, in one statement; a profile that is not there yet
 * is made first (conflicts.md C14).
 * @param change fields left out keep their value
 * @throws AppError unauthorized; validation_failed for a birth in the future; not_found when the account is gone
 */
export async function updateProfile(context: Context<Env>, change: ProfileChange): Promise<Profile> {
  const { userId } = requireActor(context);
  const { db } = context;
  if (change.birthDate != null && change.birthDate > context.now().toISOString().slice(0, 10))
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field: "birthDate", message: "Lies in the future" }],
    });
  const changed = db.$with("changed").as(
    db
      .update(profiles)
      .set({ ...change, updatedAt: context.now() })
      .where(eq(profiles.userId, userId))
      .returning(),
  );
  const fields = JSON.stringify(Object.keys(change));
  const update = () => {
    const event = db.$with("event", {}).as(
      appendEvents(context, "profile.updated", {
        from: sql`changed`,
        aggregateId: sql`user_id::text`,
        data: sql`jsonb_build_object('userId', user_id, 'fields', ${fields}::jsonb)`,
      }),
    );
    return db.with(changed, event).select().from(changed);
  };
  let [profile] = await update();
  if (profile === undefined && (await createProfile(context, userId)) !== null) [profile] = await update();
  if (profile === undefined) throw new AppError("not_found", "This account no longer exists.");
  return toProfile(profile);
}
