import { sql, type SQL } from "drizzle-orm";

/**
 * First statement of a batch: what changes one person's notifications is done one after the other, so that counts are right and each
 * sees what the one before stored.
 */
export const userLock = (userId: string): SQL =>
  sql`SELECT pg_advisory_xact_lock(hashtextextended(${`notifications:${userId}`}, 0))`;
