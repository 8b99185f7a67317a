import { follows, profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { maySee } from "../queries/graph.ts";
import type { Relation } from "../people-schemas.ts";
import { changeRelation } from "./change-relation.ts";

/**
 * Follows someone whose profile the caller may see; a repeat changes nothing.
 * @throws AppError unauthorized, bad_request, not_found
 */
export async function followUser(context: Context<Env>, otherId: string): Promise<Relation> {
  const { userId } = requireActor(context);
  return changeRelation(
    context,
    otherId,
    ({ me, other, now, tell }) => sql`WITH target AS (
      SELECT p.user_id FROM ${profiles} p WHERE p.user_id = ${other} AND ${maySee(userId)}
    ), made AS (
      INSERT INTO ${follows} (id, follower_id, followed_id, created_at)
      SELECT ${context.newId()}::uuid, ${me}, user_id, ${now} FROM target ON CONFLICT DO NOTHING RETURNING id
    ), event AS (${tell("user.followed", sql`made`, "silent")})
    SELECT EXISTS (SELECT FROM target) AS allowed`,
  );
}
