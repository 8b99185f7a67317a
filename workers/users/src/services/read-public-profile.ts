import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { Env } from "../env.ts";
import { idOf } from "../queries/graph.ts";
import { selectPublicProfile } from "../queries/public-profile.ts";
import { PublicProfile } from "../people-schemas.ts";

/**
 * Someone's profile, as the caller or a stranger may see it.
 * @throws AppError not_found, also when there is a profile that they may not see
 */
export async function readPublicProfile(context: Context<Env>, userId: string): Promise<PublicProfile> {
  const { rows } = await context.db.execute(selectPublicProfile(context.actor?.userId ?? null, idOf(userId)));
  const [found] = rows;
  if (found === undefined) throw new AppError("not_found", "There is no such person.");
  return PublicProfile.parse(found);
}
