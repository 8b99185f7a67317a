import { sql, type SQL } from "drizzle-orm";

/**
 * First statement of a batch that begins a mail to a person or erases them: one after the other, so that no mail is begun of somebody
 * who was erased meanwhile.
 */
export const personLock = (userId: string): SQL =>
  sql`SELECT pg_advisory_xact_lock(hashtextextended(${`email:${userId}`}, 0))`;
