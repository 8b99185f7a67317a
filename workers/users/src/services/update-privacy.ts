import { profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { eq, sql } from "drizzle-orm";
import { toPrivacy } from "../answers.ts";
import type { Env } from "../env.ts";
import type { Privacy, PrivacyChange } from "../schemas.ts";
import { createProfile } from "./create-profile.ts";

/**
 * Changes who may see, find and write to the caller, and tells it by `privacy.updated`, in one statement.
 * @param change fields left out keep their value
 * @throws AppError unauthorized; not_found when the account is gone
 */
export async function updatePrivacy(context: Context<Env>, change: PrivacyChange): Promise<Privacy> {
  const { userId } = requireActor(context);
  const { db } = context;
  const changed = db.$with("changed").as(
    db
      .update(profiles)
      .set({ ...change, updatedAt: context.now() })
      .where(eq(profiles.userId, userId))
      .returning(),
  );
  const update = () => {
    const event = db.$with("event", {}).as(
      appendEvents(context, "privacy.updated", {
        from: sql`changed`,
        aggregateId: sql`user_id::text`,
        data: sql`jsonb_build_object('userId', user_id, 'profileVisibility', profile_visibility,
          'activityVisibility', activity_visibility, 'contactAudience', contact_audience, 'searchable', searchable)`,
      }),
    );
    return db.with(changed, event).select().from(changed);
  };
  let [profile] = await update();
  if (profile === undefined && (await createProfile(context, userId)) !== null) [profile] = await update();
  if (profile === undefined) throw new AppError("not_found", "This account no longer exists.");
  return toPrivacy(profile);
}
