import { blocks, follows, friendships, profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { isPair } from "../queries/graph.ts";
import type { Relation } from "../people-schemas.ts";
import { changeRelation } from "./change-relation.ts";

/**
 * Blocks someone, also one who blocks the caller: follows, friendship and requests between them end; a repeat changes nothing.
 * @throws AppError unauthorized, bad_request, not_found
 */
export const blockUser = (context: Context<Env>, otherId: string): Promise<Relation> =>
  changeRelation(
    context,
    otherId,
    ({
      me,
      other,
      now,
      tell,
    }) => sql`WITH target AS (SELECT p.user_id FROM ${profiles} p WHERE p.user_id = ${other}), made AS (
      INSERT INTO ${blocks} (id, blocker_id, blocked_id, created_at)
      SELECT ${context.newId()}::uuid, ${me}, user_id, ${now} FROM target ON CONFLICT DO NOTHING RETURNING id
    ), unfollowed AS (
      DELETE FROM ${follows} WHERE (follower_id = ${me} AND followed_id = ${other}) OR (follower_id = ${other} AND followed_id = ${me})
    ), unfriended AS (DELETE FROM ${friendships} x WHERE ${isPair(me, other)}
    ), event AS (${tell("user.blocked", sql`made`)})
    SELECT EXISTS (SELECT FROM target) AS allowed`,
  );
