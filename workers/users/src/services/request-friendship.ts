import { friendships, profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { apart } from "../queries/graph.ts";
import type { Relation } from "../people-schemas.ts";
import { changeRelation } from "./change-relation.ts";

/**
 * Asks someone to be friends, or accepts when they have asked already; a repeat changes nothing.
 * @throws AppError unauthorized, bad_request, not_found
 */
export const requestFriendship = (context: Context<Env>, otherId: string): Promise<Relation> =>
  changeRelation(
    context,
    otherId,
    ({ me, other, now, tell }) => sql`WITH target AS (
      SELECT p.user_id FROM ${profiles} p
      WHERE p.user_id = ${other} AND p.profile_visibility <> 'nobody' AND NOT ${apart(me, other)}
    ), made AS (
      INSERT INTO ${friendships} AS x (id, low_id, high_id, requested_by, status, created_at, updated_at)
      SELECT ${context.newId()}::uuid, least(${me}, user_id), greatest(${me}, user_id), ${me}, 'requested', ${now}, ${now} FROM target
      ON CONFLICT (low_id, high_id) DO UPDATE SET status = 'accepted', updated_at = excluded.updated_at
      WHERE x.status = 'requested' AND x.requested_by <> ${me} RETURNING x.status
    ), asked AS (${tell("friend.requested", sql`made WHERE status = 'requested'`, "silent")}
    ), accepted AS (${tell("friend.accepted", sql`made WHERE status = 'accepted'`, "silent")})
    SELECT EXISTS (SELECT FROM target) AS allowed`,
  );
