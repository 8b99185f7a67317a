import { alerts, prices } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import { lockAlertsOf } from "../alert-statements.ts";
import type { Env } from "../env.ts";
import { notePresence } from "./note-presence.ts";

/**
 * Lets the alerts of a person who has returned go on. They see the price of this moment without firing: what crossed while the person was
 * away waits to be armed again, what has recovered is armed, and only newer prices count.
 * @param person with the number of the change that told it; a repeat, or one that a later change has overtaken, does nothing
 */
export async function resumeAlerts(
  context: Context<Env>,
  { userId, change }: { userId: string; change: number },
): Promise<void> {
  const { db } = context;
  const now = sql`${context.now().toISOString()}::timestamptz`;
  await db.batch([
    db.execute(lockAlertsOf(userId)),
    db.execute(sql`WITH ${notePresence(userId, change, false)}, seen AS (
        SELECT c.id, p.price, p.quoted_at FROM concerned c LEFT JOIN ${prices} p ON p.metal = c.metal AND p.currency = c.currency
      )
      UPDATE ${alerts} a SET resting = false, after_quoted_at = coalesce(seen.quoted_at, a.after_quoted_at),
        state = CASE WHEN NOT a.active OR seen.price IS NULL THEN a.state
          WHEN a.state = 'armed' AND CASE a.alert_type WHEN 'above' THEN seen.price >= a.threshold_toz ELSE seen.price <= a.threshold_toz END THEN 'waiting'
          WHEN a.state = 'waiting' AND CASE a.alert_type WHEN 'above' THEN seen.price < a.rearm_toz ELSE seen.price > a.rearm_toz END
            AND (a.last_triggered_at IS NULL OR a.last_triggered_at + a.cooldown_seconds * interval '1 second' <= ${now}) THEN 'armed'
          ELSE a.state END
      FROM seen WHERE a.id = seen.id`),
  ]);
}
