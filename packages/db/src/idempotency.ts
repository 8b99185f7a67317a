import { index, jsonb, primaryKey, text, timestamp, uuid, type PgSchema } from "drizzle-orm/pg-core";

/** The table in which a service keeps what it did for each `Idempotency-Key`, in its own schema. A row is written with the effect it tells. */
export const idempotencyTable = (schema: PgSchema) =>
  schema.table(
    "idempotency_keys",
    {
      callerId: uuid("caller_id").notNull(),
      /** The operation's id: a key means nothing to another route. */
      route: text("route").notNull(),
      key: text("key").notNull(),
      /** SHA-256 of the payload. */
      fingerprint: text("fingerprint").notNull(),
      /** The row that the effect gave, from which the answer is made again. */
      answer: jsonb("answer").notNull(),
      createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
    },
    (table) => [
      primaryKey({ name: "idempotency_keys_pk", columns: [table.callerId, table.route, table.key] }),
      index("idempotency_keys_created_idx").on(table.createdAt),
    ],
  );

export type IdempotencyKeys = ReturnType<typeof idempotencyTable>;
