import { friendships } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { areFriends, isPair } from "../queries/graph.ts";
import type { Relation } from "../people-schemas.ts";
import { changeRelation } from "./change-relation.ts";

/**
 * Accepts the request that someone made to the caller; a repeat changes nothing.
 * @throws AppError unauthorized, bad_request, not_found
 */
export const acceptFriendship = (context: Context<Env>, otherId: string): Promise<Relation> =>
  changeRelation(
    context,
    otherId,
    ({ me, other, now, tell }) => sql`WITH changed AS (
      UPDATE ${friendships} x SET status = 'accepted', updated_at = ${now}
      WHERE ${isPair(me, other)} AND x.status = 'requested' AND x.requested_by = ${other} RETURNING x.id
    ), event AS (${tell("friend.accepted", sql`changed`, "silent")})
    SELECT EXISTS (SELECT FROM changed) OR ${areFriends(me, other)} AS allowed`,
  );
