import { sql, type SQL } from "drizzle-orm";
import { notBanned } from "./not-banned.ts";

/**
 * SQL that is true for an account, named `person`, that a log-in may still open a session of: its password is the one that was proved, it
 * is not banned, and it is not on its way out.
 * @param passwordVersion of the password that was proved
 */
export const accountHolds = (passwordVersion: SQL, now: Date): SQL =>
  sql`person.password_version = ${passwordVersion} AND ${notBanned(now)} AND person.status IN ('active', 'deactivated', 'deleting')`;
