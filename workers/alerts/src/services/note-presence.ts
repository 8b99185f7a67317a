import { digestOf } from "@souk/db/erased";
import { alerts, presences } from "@souk/db/schema/alerts";
import { sql, type SQL } from "drizzle-orm";

/** As a tick locks alerts, so that the two do not wait for each other. */
const inTheOrderOfATick = sql`ORDER BY a.state DESC, a.alert_type, CASE a.state WHEN 'waiting' THEN a.rearm_toz ELSE a.threshold_toz END`;

/**
 * CTEs that note whether a person is away, unless a later change is known, and lock the alerts which that concerns. Run them behind
 * `lockAlertsOf`, so that of two changes at once the second sees what the first did.
 * @returns `concerned`: the alerts (`id`, `metal`, `currency`) that do not yet rest, or still do
 */
export const notePresence = (userId: string, change: number, away: boolean): SQL =>
  sql`newest AS (
      INSERT INTO ${presences} AS known (person, change, away) VALUES (${digestOf(userId)}, ${change}::int, ${away}::boolean)
      ON CONFLICT (person) DO UPDATE SET change = excluded.change, away = excluded.away WHERE known.change < excluded.change
      RETURNING away
    ), concerned AS (
      SELECT a.id, a.metal, a.currency FROM newest JOIN ${alerts} a ON a.user_id = ${userId}::uuid AND a.resting <> newest.away
      ${inTheOrderOfATick} FOR UPDATE OF a
    )`;
