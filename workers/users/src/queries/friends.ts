import { friendships } from "@souk/db/schema/users";
import { sql, type SQL } from "drizzle-orm";

/**
 * The friendships or requests of a person, from both ends of the pair, each end by its index.
 * @param at the column that says since when
 * @param which a condition on the row
 */
export const pairsOf = (of: SQL, at: SQL, which: SQL): SQL =>
  sql`SELECT id, high_id AS person, ${at} AS at FROM ${friendships} WHERE low_id = ${of} AND ${which}
    UNION ALL SELECT id, low_id, ${at} FROM ${friendships} WHERE high_id = ${of} AND ${which}`;
