import { friendships } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { isPair } from "../queries/graph.ts";
import type { Relation } from "../people-schemas.ts";
import { changeRelation } from "./change-relation.ts";

/**
 * Declines the request that someone made to the caller.
 * @throws AppError unauthorized, bad_request, not_found
 */
export const declineFriendship = (context: Context<Env>, otherId: string): Promise<Relation> =>
  changeRelation(
    context,
    otherId,
    ({ me, other, tell }) => sql`WITH gone AS (
      DELETE FROM ${friendships} x
      WHERE ${isPair(me, other)} AND x.status = 'requested' AND x.requested_by = ${other} RETURNING x.id
    ), event AS (${tell("friend.declined", sql`gone`)})
    SELECT EXISTS (SELECT FROM gone) AS allowed`,
  );
