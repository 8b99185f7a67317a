import { mutes } from "@souk/db/schema/users";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { reachable } from "../queries/graph.ts";
import type { Relation } from "../people-schemas.ts";
import { changeRelation } from "./change-relation.ts";

/**
 * Mutes someone, who is not told: the caller hears nothing of what they do. A repeat changes nothing.
 * @throws AppError unauthorized, bad_request, not_found
 */
export const muteUser = (context: Context<Env>, otherId: string): Promise<Relation> =>
  changeRelation(
    context,
    otherId,
    ({ me, other, now, tell }) => sql`WITH target AS (${reachable(me, other)}), made AS (
      INSERT INTO ${mutes} (id, muter_id, muted_id, created_at)
      SELECT ${context.newId()}::uuid, ${me}, user_id, ${now} FROM target ON CONFLICT DO NOTHING RETURNING id
    ), event AS (${tell("user.muted", sql`made`)})
    SELECT EXISTS (SELECT FROM target) AS allowed`,
  );
