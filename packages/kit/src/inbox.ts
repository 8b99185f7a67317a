import type { Inbox } from "@souk/db/inbox";
import { sql, type SQL } from "drizzle-orm";

/**
 * SQL that is true for the first delivery of an event only; the effect reads from it in the same statement:
 * `WITH first AS (${firstDelivery(inbox, event.id)}), stored AS (INSERT ... SELECT ... FROM first) ...`.
 * Its one row, or none on a repeat, has the column `event_id`.
 */
export const firstDelivery = (inbox: Inbox, eventId: string): SQL =>
  sql`INSERT INTO ${inbox} (event_id) VALUES (${eventId}::uuid) ON CONFLICT DO NOTHING RETURNING event_id`;
