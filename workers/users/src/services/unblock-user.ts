import { blocks, profiles } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Relation } from "../people-schemas.ts";
import { changeRelation } from "./change-relation.ts";

/**
 * Takes a block back; what it ended stays ended. A repeat changes nothing.
 * @throws AppError unauthorized, bad_request, not_found
 */
export const unblockUser = (context: Context<Env>, otherId: string): Promise<Relation> =>
  changeRelation(
    context,
    otherId,
    ({
      me,
      other,
      tell,
    }) => sql`WITH target AS (SELECT p.user_id FROM ${profiles} p WHERE p.user_id = ${other}), gone AS (
      DELETE FROM ${blocks} WHERE blocker_id = ${me} AND blocked_id = ${other} RETURNING id
    ), event AS (${tell("user.unblocked", sql`gone`)})
    SELECT EXISTS (SELECT FROM target) AS allowed`,
  );
