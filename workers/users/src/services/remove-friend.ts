import { friendships } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { isPair, reachable } from "../queries/graph.ts";
import type { Relation } from "../people-schemas.ts";
import { changeRelation } from "./change-relation.ts";

/**
 * Ends a friendship; a repeat changes nothing.
 * @throws AppError unauthorized, bad_request, not_found
 */
export const removeFriend = (context: Context<Env>, otherId: string): Promise<Relation> =>
  changeRelation(
    context,
    otherId,
    ({ me, other, tell }) => sql`WITH target AS (${reachable(me, other)}), gone AS (
      DELETE FROM ${friendships} x WHERE ${isPair(me, other)} AND x.status = 'accepted' RETURNING x.id
    ), event AS (${tell("friend.removed", sql`gone`)})
    SELECT EXISTS (SELECT FROM target) AS allowed`,
  );
