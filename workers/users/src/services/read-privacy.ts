import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { profiles } from "@souk/db/schema/users";
import { eq } from "drizzle-orm";
import { toPrivacy } from "../answers.ts";
import type { Env } from "../env.ts";
import type { Privacy } from "../schemas.ts";
import { createProfile } from "./create-profile.ts";

/**
 * Who may see, find and write to the caller.
 * @throws AppError unauthorized; not_found when the account is gone
 */
export async function readPrivacy(context: Context<Env>): Promise<Privacy> {
  const { userId } = requireActor(context);
  const [found] = await context.db.select().from(profiles).where(eq(profiles.userId, userId));
  const profile = found ?? (await createProfile(context, userId));
  if (profile === null) throw new AppError("not_found", "This account no longer exists.");
  return toPrivacy(profile);
}
