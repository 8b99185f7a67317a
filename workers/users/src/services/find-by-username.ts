import { usernames } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { selectPublicProfile } from "../queries/public-profile.ts";
import { PublicProfile } from "../people-schemas.ts";

/**
 * The profile of whoever has a username, or has had it.
 * @param username in any case
 * @returns the profile, and the name it has now when that is another
 * @throws AppError not_found, also when there is a profile that the caller may not see
 */
export async function findByUsername(
  context: Context<Env>,
  username: string,
): Promise<{ profile: PublicProfile; movedTo: string | null }> {
  const name = username.toLowerCase();
  const { rows } = await context.db.execute(
    selectPublicProfile(
      context.actor?.userId ?? null,
      sql`(SELECT user_id FROM ${usernames} WHERE name = ${name})`,
    ),
  );
  const [found] = rows;
  if (found === undefined) throw new AppError("not_found", "Nobody has this name.");
  const profile = PublicProfile.parse(found);
  return { profile, movedTo: profile.username?.toLowerCase() === name ? null : profile.username };
}
