import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { auth, instant, users } from "./auth.ts";

/** Passkeys (WebAuthn): ways to log in. Of each only the public key is known. */
export const passkeys = auth.table(
  "passkeys",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Which of a person's places it has: there are only so many. */
    slot: integer("slot").notNull(),
    name: text("name").notNull(),
    /** How the authenticator calls the key, base64url. */
    credentialId: text("credential_id").notNull(),
    /** How the authenticator calls the person, base64url: random, the same in all their passkeys. */
    userHandle: text("user_handle").notNull(),
    /** COSE, base64url. */
    publicKey: text("public_key").notNull(),
    /** How often the authenticator says that it signed; 0 where it does not count. */
    counter: bigint("counter", { mode: "number" }).notNull(),
    transports: text("transports").array().notNull(),
    /** Whether the authenticator keeps it elsewhere too. */
    backedUp: boolean("backed_up").notNull(),
    /** The authenticator's model. */
    aaguid: uuid("aaguid").notNull(),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at"),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("passkeys_slot_key").on(table.userId, table.slot),
    uniqueIndex("passkeys_credential_key").on(table.credentialId),
    check("passkeys_slot_known", sql`${table.slot} BETWEEN 1 AND 10`),
    check("passkeys_name_short", sql`char_length(${table.name}) BETWEEN 1 AND 100`),
    check("passkeys_counter_32_bits", sql`${table.counter} BETWEEN 0 AND 4294967295`),
  ],
);

/** Challenges that wait for an authenticator's answer; only their SHA-256 is stored. A row is deleted by its use. */
export const passkeyChallenges = auth.table(
  "passkey_challenges",
  {
    hash: text("hash").primaryKey(),
    /** Who adds a passkey; null for a sign-in. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    /** How the new passkey will call them. */
    userHandle: text("user_handle"),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    index("passkey_challenges_user_idx").on(table.userId),
    index("passkey_challenges_expires_idx").on(table.expiresAt),
    check(
      "passkey_challenges_handle_of_a_person",
      sql`(${table.userId} IS NULL) = (${table.userHandle} IS NULL)`,
    ),
    check("passkey_challenges_expire_later", sql`${table.expiresAt} > ${table.createdAt}`),
  ],
);
