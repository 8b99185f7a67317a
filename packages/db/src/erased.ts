import { sql, type SQL } from "drizzle-orm";
import { text, timestamp, type PgSchema } from "drizzle-orm/pg-core";

/** Whom a service has erased, so that an event which arrives late stores nothing of them anew. It keeps a digest of the id, not the id. */
export const erasedTable = (schema: PgSchema) =>
  schema.table("erased", {
    person: text("person").primaryKey(),
    erasedAt: timestamp("erased_at", { withTimezone: true }).notNull().defaultNow(),
  });

export type Erased = ReturnType<typeof erasedTable>;

/** SQL for the digest by which `erased` knows a person. */
export const digestOf = (userId: string | SQL): SQL =>
  sql`encode(sha256(convert_to(${userId}::text, 'UTF8')), 'hex')`;
