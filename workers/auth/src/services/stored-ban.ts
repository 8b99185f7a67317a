import { isoTime } from "@souk/db/iso-time";
import { sql, type SQL } from "drizzle-orm";

/** SQL for the ban of an account's row as events tell it: `{since, until}`; null where there is none. */
export const storedBan = (account: SQL): SQL =>
  sql`CASE WHEN ${account}.banned_at IS NOT NULL THEN
    jsonb_build_object('since', ${isoTime(sql`${account}.banned_at`)}, 'until', ${isoTime(sql`${account}.ban_expires_at`)}) END`;
