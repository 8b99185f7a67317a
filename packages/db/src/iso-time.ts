import { sql, type SQL } from "drizzle-orm";

/** SQL for a time as ISO 8601 UTC text with milliseconds, as JavaScript writes it. */
export const isoTime = (time: SQL): SQL =>
  sql`to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
