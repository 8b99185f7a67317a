import { sql, type SQL } from "drizzle-orm";

/** SQL that is true for an account, named `person`, that is not banned at a time. */
export const notBanned = (now: Date): SQL =>
  sql`(person.banned_at IS NULL OR person.ban_expires_at <= ${now.toISOString()}::timestamptz)`;
