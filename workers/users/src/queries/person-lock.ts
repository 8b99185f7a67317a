import { sql, type SQL } from "drizzle-orm";

const key = (userId: string): SQL => sql`hashtextextended(${`users:person:${userId}`}, 0)`;

/** First statement of an erasure: it waits for what is being stored of the person, and whatever comes later sees that they are gone. */
export const lockPerson = (userId: string): SQL => sql`SELECT pg_advisory_xact_lock(${key(userId)})`;

/** First statement of what stores something of people besides their own doing: nobody of them is erased meanwhile. */
export const keepPeople = (...userIds: string[]): SQL =>
  sql`SELECT ${sql.join(
    userIds.toSorted().map((userId) => sql`pg_advisory_xact_lock_shared(${key(userId)})`),
    sql`, `,
  )}`;
