import { follows, friendships } from "@souk/db/schema/users";
import { sql, type SQL } from "drizzle-orm";

/** Who follows a person, for a page of people. */
export const followersOf = (of: SQL): SQL =>
  sql`SELECT id, follower_id AS person, created_at AS at FROM ${follows} WHERE followed_id = ${of}`;

/** Whom a person follows. */
export const followedBy = (of: SQL): SQL =>
  sql`SELECT id, followed_id AS person, created_at AS at FROM ${follows} WHERE follower_id = ${of}`;

/**
 * The friendships or requests of a person, from both ends of the pair, each end by its index.
 * @param at the column that says since when
 * @param which a condition on the row
 */
export const pairsOf = (of: SQL, at: SQL, which: SQL): SQL =>
  sql`SELECT id, high_id AS person, ${at} AS at FROM ${friendships} WHERE low_id = ${of} AND ${which}
    UNION ALL SELECT id, low_id, ${at} FROM ${friendships} WHERE high_id = ${of} AND ${which}`;

/** A person's friends. */
export const friendsOf = (of: SQL): SQL => pairsOf(of, sql`updated_at`, sql`status = 'accepted'`);
