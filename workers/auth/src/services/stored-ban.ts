import { sql, type SQL } from "drizzle-orm";

const iso = (time: SQL): SQL => sql`to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** SQL for the ban of an account's row as events tell it: `{since, until}`; null where there is none. */
export const storedBan = (account: SQL): SQL =>
  sql`CASE WHEN ${account}.banned_at IS NOT NULL THEN
    jsonb_build_object('since', ${iso(sql`${account}.banned_at`)}, 'until', ${iso(sql`${account}.ban_expires_at`)}) END`;
