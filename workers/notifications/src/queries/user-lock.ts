import { sql, type SQL } from "drizzle-orm";

/**
 * First statement of a batch: what changes one person's notifications is done one after the other, so that counts are right and each
 * sees what the one before stored.
 * @param userIds in order, so that two batches do not wait for each other
 */
export const userLock = (...userIds: string[]): SQL =>
  sql`SELECT ${sql.join(
    userIds.map((userId) => sql`pg_advisory_xact_lock(hashtextextended(${`notifications:${userId}`}, 0))`),
    sql`, `,
  )}`;
