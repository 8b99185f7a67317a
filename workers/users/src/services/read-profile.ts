import { profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { eq } from "drizzle-orm";
import type { Env } from "../env.ts";
import { toProfile } from "../answers.ts";
import type { Profile } from "../schemas.ts";
import { createProfile } from "./create-profile.ts";

/**
 * The caller's profile; made now if `user.registered` has not arrived yet (conflicts.md C14).
 * @throws AppError unauthorized; not_found when the account is gone
 */
export async function readProfile(context: Context<Env>): Promise<Profile> {
  const { userId } = requireActor(context);
  const [found] = await context.db.select().from(profiles).where(eq(profiles.userId, userId));
  const profile = found ?? (await createProfile(context, userId));
  if (profile === null) throw new AppError("not_found", "This account no longer exists.");
  return toProfile(profile);
}
