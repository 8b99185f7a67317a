import { sql } from "drizzle-orm";
import {
  check,
  index,
  integer,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

export const auth = pgSchema("auth");

const instant = (name: string) => timestamp(name, { withTimezone: true });

/** Accounts. Addresses are stored trimmed and in lower case. */
export const users = auth.table(
  "users",
  {
    id: uuid("id").primaryKey(),
    email: text("email").notNull(),
    /** PHC (scrypt) or modular crypt (bcrypt) text. */
    passwordHash: text("password_hash").notNull(),
    /** Grows when the password changes, not when the same password is hashed anew. */
    passwordVersion: integer("password_version").notNull().default(1),
    firstName: text("first_name").notNull(),
    lastName: text("last_name").notNull(),
    role: text("role", { enum: ["user", "premium", "provider", "moderator", "admin"] })
      .notNull()
      .default("user"),
    status: text("status", { enum: ["pending", "active"] })
      .notNull()
      .default("pending"),
    verifiedAt: instant("verified_at"),
    /** A ban without an end has no expiry. */
    bannedAt: instant("banned_at"),
    banReason: text("ban_reason"),
    banExpiresAt: instant("ban_expires_at"),
    createdAt: instant("created_at").notNull().defaultNow(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("users_email_key").on(sql`lower(${table.email})`),
    check("users_email_normal", sql`${table.email} = lower(btrim(${table.email}))`),
    check("users_password_hash_known", sql`${table.passwordHash} ~ '^\\$(scrypt|2[ab])\\$'`),
    check("users_role_known", sql`${table.role} IN ('user', 'premium', 'provider', 'moderator', 'admin')`),
    check("users_status_known", sql`${table.status} IN ('pending', 'active')`),
    check("users_active_is_verified", sql`(${table.status} = 'active') = (${table.verifiedAt} IS NOT NULL)`),
    check("users_ban_has_reason", sql`(${table.bannedAt} IS NULL) = (${table.banReason} IS NULL)`),
    check(
      "users_ban_ends_later",
      sql`${table.banExpiresAt} IS NULL OR ${table.banExpiresAt} > ${table.bannedAt}`,
    ),
  ],
);

/** One log-in on one device. Refresh tokens are this row's id and counter, signed; no token is stored. */
export const sessions = auth.table(
  "sessions",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    counter: integer("counter").notNull().default(0),
    userAgent: text("user_agent"),
    /** The user agent in words, "Firefox on Linux". */
    device: text("device").notNull().default("Unknown device"),
    ip: text("ip"),
    createdAt: instant("created_at").notNull().defaultNow(),
    refreshedAt: instant("refreshed_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    /** When a second factor was last proved in this session. */
    secondFactorAt: instant("second_factor_at"),
    revokedAt: instant("revoked_at"),
    revokedReason: text("revoked_reason", {
      enum: ["logout", "revoked", "ban", "refresh_token_reuse", "password_reset", "password_change"],
    }),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("sessions_user_idx")
      .on(table.userId)
      .where(sql`${table.revokedAt} IS NULL`),
    index("sessions_device_idx").on(table.userId, table.device),
    index("sessions_revoked_idx")
      .on(table.revokedAt)
      .where(sql`${table.revokedAt} IS NOT NULL`),
    check("sessions_counter_not_negative", sql`${table.counter} >= 0`),
    check("sessions_expire_later", sql`${table.expiresAt} > ${table.createdAt}`),
    check(
      "sessions_revoked_with_reason",
      sql`(${table.revokedAt} IS NULL) = (${table.revokedReason} IS NULL)`,
    ),
    check(
      "sessions_reason_known",
      sql`${table.revokedReason} IN ('logout', 'revoked', 'ban', 'refresh_token_reuse', 'password_reset', 'password_change')`,
    ),
  ],
);

/** One-time tokens of mailed links; only their SHA-256 is stored. */
export const tokens = auth.table(
  "tokens",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    type: text("type", { enum: ["verify_email", "reset_password", "unlock_account"] }).notNull(),
    hash: text("hash").notNull(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("tokens_hash_key").on(table.hash),
    index("tokens_user_idx").on(table.userId),
    check("tokens_type_known", sql`${table.type} IN ('verify_email', 'reset_password', 'unlock_account')`),
    check("tokens_expire_later", sql`${table.expiresAt} > ${table.createdAt}`),
  ],
);

/** When a stranger last had us write to a person, by purpose: what bounds such mails. */
export const mailRequests = auth.table(
  "mail_requests",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    purpose: text("purpose", { enum: ["verification", "password_reset", "repeated_registration"] }).notNull(),
    requestedAt: instant("requested_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.purpose] }),
    check(
      "mail_requests_purpose_known",
      sql`${table.purpose} IN ('verification', 'password_reset', 'repeated_registration')`,
    ),
  ],
);

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
    index("trusted_devices_user_idx").on(table.userId, table.createdAt),
    index("trusted_devices_expires_idx").on(table.expiresAt),
  ],
);

/** Accepted calls of the credential routes by one network (an IPv4 address, an IPv6 /64), within the limit's window. */
export const addressAttempts = auth.table(
  "address_attempts",
  {
    network: text("network").primaryKey(),
    /** In order of time; the limit bounds how many there are. */
    recent: instant("recent").array().notNull(),
    lastAt: instant("last_at").notNull(),
  },
  (table) => [index("address_attempts_last_idx").on(table.lastAt)],
);

/** Attempts to log in since the last that succeeded, by the SHA-256 of the address: of accounts and of no account alike. */
export const accountAttempts = auth.table(
  "account_attempts",
  {
    account: text("account").primaryKey(),
    failures: integer("failures").notNull(),
    lastAt: instant("last_at").notNull(),
  },
  (table) => [
    index("account_attempts_last_idx").on(table.lastAt),
    check("account_attempts_failures_positive", sql`${table.failures} > 0`),
  ],
);
