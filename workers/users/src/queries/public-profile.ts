import { isoTime } from "@souk/db/iso-time";
import { profiles } from "@souk/db/schema/users";
import { sql, type SQL } from "drizzle-orm";
import { lastActiveOn } from "./activity.ts";
import { followedBy, followersOf, friendsOf } from "./edges.ts";
import { idOf, maySee, maySeeActivity, relationTo } from "./graph.ts";
import { CARD } from "./people.ts";

/**
 * A profile as the viewer sees it, with its counts; no row when they may not.
 * @param viewer null for a stranger
 * @param userId an expression for whose it is
 */
export function selectPublicProfile(viewer: string | null, userId: SQL): SQL {
  const count = (edges: SQL) => sql`(SELECT count(*)::int FROM (${edges}) counted)`;
  const of = sql`p.user_id`;
  const relation =
    viewer === null
      ? sql`NULL::jsonb`
      : sql`CASE WHEN ${of} <> ${idOf(viewer)} THEN ${relationTo(idOf(viewer), of)} END`;
  return sql`SELECT ${CARD}, p.bio, p.location, p.website, ${isoTime(sql`p.created_at`)} AS "createdAt", ${relation} AS viewer,
      ${count(followersOf(of))} AS followers,
      ${count(followedBy(of))} AS following,
      ${count(friendsOf(of))} AS friends,
      CASE WHEN ${maySeeActivity(viewer)} THEN ${lastActiveOn(of)} END AS "lastActiveOn"
    FROM ${profiles} p WHERE p.user_id = ${userId} AND ${maySee(viewer)}`;
}
