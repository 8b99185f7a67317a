import { mutes } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { reachable } from "../queries/graph.ts";
import type { Relation } from "../people-schemas.ts";
import { changeRelation } from "./change-relation.ts";

/**
 * Takes a mute back; a repeat changes nothing.
 * @throws AppError unauthorized, bad_request, not_found
 */
export const unmuteUser = (context: Context<Env>, otherId: string): Promise<Relation> =>
  changeRelation(
    context,
    otherId,
    ({ me, other, tell }) => sql`WITH target AS (${reachable(me, other)}), gone AS (
      DELETE FROM ${mutes} USING target WHERE muter_id = ${me} AND muted_id = target.user_id RETURNING id
    ), event AS (${tell("user.unmuted", sql`gone`)})
    SELECT EXISTS (SELECT FROM target) AS allowed`,
  );
