import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { auth, instant, users } from "./auth.ts";

/** A person's authenticator app (RFC 6238). Until it is confirmed by a code it asks for nothing. */
export const totpFactors = auth.table(
  "totp_factors",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Sealed by the kit's envelope, bound to this row. */
    sealedSecret: text("sealed_secret").notNull(),
    /** The newest time step whose code was accepted: a code is good once. */
    lastStep: integer("last_step").notNull().default(0),
    confirmedAt: instant("confirmed_at"),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    uniqueIndex("totp_factors_user_key").on(table.userId),
    check("totp_factors_last_step_not_negative", sql`${table.lastStep} >= 0`),
  ],
);

/** Codes for when the authenticator is lost: SHA-256 of 80 random bits each. A used one is deleted. */
export const recoveryCodes = auth.table(
  "recovery_codes",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    hash: text("hash").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.hash] })],
);

/** Log-ins that wait for their second factor; only the SHA-256 of the challenge is stored. */
export const loginChallenges = auth.table(
  "login_challenges",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    hash: text("hash").notNull(),
    /** The version of the password that was proved. */
    passwordVersion: integer("password_version").notNull(),
    /** How the person began to sign in, for the security log. */
    way: jsonb("way")
      .notNull()
      .$type<{ method: string; provider?: string }>()
      .default({ method: "password" }),
    /** The known device that its tries are counted for; null: the account. */
    bucket: text("bucket"),
    tries: integer("tries").notNull().default(0),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    uniqueIndex("login_challenges_hash_key").on(table.hash),
    index("login_challenges_user_idx").on(table.userId),
    index("login_challenges_expires_idx").on(table.expiresAt),
    check("login_challenges_tries_bounded", sql`${table.tries} BETWEEN 0 AND 5`),
  ],
);

/** Devices that are not asked for a second factor; only the SHA-256 of their token is stored. */
export const trustedDevices = auth.table(
  "trusted_devices",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    hash: text("hash").notNull(),
    /** A changed password ends the trust. */
    passwordVersion: integer("password_version").notNull(),
    userAgent: text("user_agent"),
    ip: text("ip"),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    uniqueIndex("trusted_devices_hash_key").on(table.hash),
    index("trusted_devices_user_idx").on(table.userId, table.id),
    index("trusted_devices_expires_idx").on(table.expiresAt),
  ],
);
