import { profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { eq } from "drizzle-orm";
import { toProfile } from "../answers.ts";
import type { Env } from "../env.ts";
import type { Profile, ProfileChange } from "../schemas.ts";
import { createProfile } from "./create-profile.ts";

/**
 * Changes the caller's profile; one that is not there yet is made first (conflicts.md C14).
 * @param change fields left out keep their value
 * @throws AppError unauthorized; not_found when the account is gone
 */
export async function updateProfile(context: Context<Env>, change: ProfileChange): Promise<Profile> {
  const { userId } = requireActor(context);
  const update = () =>
    context.db
      .update(profiles)
      .set({ ...change, updatedAt: context.now() })
      .where(eq(profiles.userId, userId))
      .returning();
  let [profile] = await update();
  if (profile === undefined && (await createProfile(context, userId)) !== null) [profile] = await update();
  if (profile === undefined) throw new AppError("not_found", "This account no longer exists.");
  return toProfile(profile);
}
