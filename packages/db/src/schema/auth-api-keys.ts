import { sql } from "drizzle-orm";
import { check, index, integer, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { auth, instant, users } from "./auth.ts";

/** Keys by which machines act for a person; only the SHA-256 of each is stored. */
export const apiKeys = auth.table(
  "api_keys",
  {
    /** Stands in the key itself, and stays when the key is rolled. */
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Which of a person's places it has, until it is revoked: there are only so many. */
    slot: integer("slot"),
    name: text("name").notNull(),
    scopes: text("scopes").array().notNull(),
    hash: text("hash").notNull(),
    /** Of the key before the last roll, which counts until then. */
    previousHash: text("previous_hash"),
    previousUntil: instant("previous_until"),
    /** A key without an end has no expiry. */
    expiresAt: instant("expires_at"),
    rolledAt: instant("rolled_at"),
    lastUsedAt: instant("last_used_at"),
    revokedAt: instant("revoked_at"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("api_keys_slot_key").on(table.userId, table.slot),
    index("api_keys_revoked_idx")
      .on(table.revokedAt)
      .where(sql`${table.revokedAt} IS NOT NULL`),
    index("api_keys_expires_idx")
      .on(table.expiresAt)
      .where(sql`${table.expiresAt} IS NOT NULL`),
    check("api_keys_slot_known", sql`${table.slot} BETWEEN 1 AND 20`),
    check("api_keys_slot_until_revoked", sql`(${table.slot} IS NULL) = (${table.revokedAt} IS NOT NULL)`),
    check("api_keys_name_short", sql`char_length(${table.name}) BETWEEN 1 AND 100`),
    check("api_keys_have_scopes", sql`cardinality(${table.scopes}) > 0`),
    check("api_keys_hash_sha256", sql`${table.hash} ~ '^[0-9a-f]{64}$'`),
    check("api_keys_previous_ends", sql`(${table.previousHash} IS NULL) = (${table.previousUntil} IS NULL)`),
    check("api_keys_expire_later", sql`${table.expiresAt} > ${table.createdAt}`),
  ],
);
