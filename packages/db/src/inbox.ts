import { index, timestamp, uuid, type PgSchema } from "drizzle-orm/pg-core";

/** The table in which a service's consumers record the events whose effect is stored, in its own schema. */
export const inboxTable = (schema: PgSchema) =>
  schema.table(
    "inbox",
    {
      eventId: uuid("event_id").primaryKey(),
      receivedAt: timestamp("received_at", { withTimezone: true }).notNull().defaultNow(),
    },
    (table) => [index("inbox_received_idx").on(table.receivedAt)],
  );

export type Inbox = ReturnType<typeof inboxTable>;
