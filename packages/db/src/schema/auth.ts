import { sql } from "drizzle-orm";
import {
  check,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

export const auth = pgSchema("auth");

/** `deactivated` and `deleting` end with the next log-in; `erasing` is past the way back. */
export const ACCOUNT_STATUSES = ["pending", "active", "deactivated", "deleting", "erasing"] as const;

const instant = (name: string) => timestamp(name, { withTimezone: true });

/** Accounts. Addresses are stored trimmed and in lower case. */
export const users = auth.table(
  "users",
  {
    id: uuid("id").primaryKey(),
    email: text("email").notNull(),
    /** PHC (scrypt) or modular crypt (bcrypt) text; null for who has only ever signed in with a provider. */
    passwordHash: text("password_hash"),
    /** Grows when the password changes, not when the same password is hashed anew. */
    passwordVersion: integer("password_version").notNull().default(1),
    firstName: text("first_name").notNull(),
    lastName: text("last_name").notNull(),
    role: text("role", { enum: ["user", "premium", "provider", "moderator", "admin"] })
      .notNull()
      .default("user"),
    status: text("status", { enum: ACCOUNT_STATUSES }).notNull().default("pending"),
    verifiedAt: instant("verified_at"),
    /** A ban without an end has no expiry. */
    bannedAt: instant("banned_at"),
    banReason: text("ban_reason"),
    banExpiresAt: instant("ban_expires_at"),
    /** The end of the time to think better of a deletion. */
    deleteAfter: instant("delete_after"),
    createdAt: instant("created_at").notNull().defaultNow(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("users_email_key").on(sql`lower(${table.email})`),
    check("users_email_normal", sql`${table.email} = lower(btrim(${table.email}))`),
    check("users_password_hash_known", sql`${table.passwordHash} ~ '^\\$(scrypt|2[ab])\\$'`),
    check("users_role_known", sql`${table.role} IN ('user', 'premium', 'provider', 'moderator', 'admin')`),
    check(
      "users_status_known",
      sql`${table.status} IN ('pending', 'active', 'deactivated', 'deleting', 'erasing')`,
    ),
    check("users_pending_until_verified", sql`(${table.status} = 'pending') = (${table.verifiedAt} IS NULL)`),
    check("users_ban_has_reason", sql`(${table.bannedAt} IS NULL) = (${table.banReason} IS NULL)`),
    check(
      "users_ban_ends_later",
      sql`${table.banExpiresAt} IS NULL OR ${table.banExpiresAt} > ${table.bannedAt}`,
    ),
    check(
      "users_deletion_has_its_day",
      sql`(${table.status} IN ('deleting', 'erasing')) = (${table.deleteAfter} IS NOT NULL)`,
    ),
    index("users_deleting_idx")
      .on(table.deleteAfter)
      .where(sql`${table.status} = 'deleting'`),
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
      enum: [
        "logout",
        "revoked",
        "ban",
        "refresh_token_reuse",
        "password_reset",
        "password_change",
        "deactivation",
        "deletion",
      ],
    }),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("sessions_user_idx")
      .on(table.userId)
      .where(sql`${table.revokedAt} IS NULL`),
    index("sessions_device_idx").on(table.userId, table.device),
    index("sessions_expires_idx").on(table.expiresAt),
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
      sql`${table.revokedReason} IN ('logout', 'revoked', 'ban', 'refresh_token_reuse', 'password_reset', 'password_change', 'deactivation', 'deletion')`,
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
    type: text("type", {
      enum: ["verify_email", "reset_password", "unlock_account", "leave_email", "join_email"],
    }).notNull(),
    hash: text("hash").notNull(),
    /** The change of address that it confirms. */
    changeId: uuid("change_id"),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("tokens_hash_key").on(table.hash),
    index("tokens_user_idx").on(table.userId),
    index("tokens_expires_idx").on(table.expiresAt),
    check(
      "tokens_type_known",
      sql`${table.type} IN ('verify_email', 'reset_password', 'unlock_account', 'leave_email', 'join_email')`,
    ),
    check(
      "tokens_of_a_change",
      sql`(${table.type} IN ('leave_email', 'join_email')) = (${table.changeId} IS NOT NULL)`,
    ),
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

/** The last change of address that a person asked for: it takes effect when both addresses have confirmed it. */
export const emailChanges = auth.table(
  "email_changes",
  {
    userId: uuid("user_id")
      .primaryKey()
      .references(() => users.id, { onDelete: "cascade" }),
    /** New with each request: a link confirms the request that it was mailed for. */
    id: uuid("id").notNull(),
    oldEmail: text("old_email").notNull(),
    newEmail: text("new_email").notNull(),
    requestedAt: instant("requested_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    leftAt: instant("left_at"),
    joinedAt: instant("joined_at"),
    doneAt: instant("done_at"),
  },
  (table) => [
    check("email_changes_normal", sql`${table.newEmail} = lower(btrim(${table.newEmail}))`),
    check("email_changes_differ", sql`${table.newEmail} <> ${table.oldEmail}`),
    check(
      "email_changes_done_by_both",
      sql`${table.doneAt} IS NULL OR (${table.leftAt} IS NOT NULL AND ${table.joinedAt} IS NOT NULL)`,
    ),
  ],
);

/** The last copy of their data that a person asked for. */
export const exports = auth.table(
  "exports",
  {
    userId: uuid("user_id")
      .primaryKey()
      .references(() => users.id, { onDelete: "cascade" }),
    /** New with each request. */
    id: uuid("id").notNull(),
    requestedAt: instant("requested_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [index("exports_expiry_idx").on(table.expiresAt)],
);

/** What each service gave to a person's copy. */
export const exportParts = auth.table(
  "export_parts",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => exports.userId, { onDelete: "cascade" }),
    service: text("service").notNull(),
    exportId: uuid("export_id").notNull(),
    /** Rows by table. */
    data: jsonb("data").notNull().$type<Record<string, unknown[]>>(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.service] })],
);

/** The report of one person's erasure. It stays, and names the person by an id that leads nowhere any more. */
export const erasures = auth.table(
  "erasures",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id").notNull().unique(),
    startedAt: instant("started_at").notNull(),
    /** When the services were last asked. */
    askedAt: instant("asked_at").notNull(),
    finishedAt: instant("finished_at"),
  },
  (table) => [
    index("erasures_open_idx")
      .on(table.askedAt)
      .where(sql`${table.finishedAt} IS NULL`),
  ],
);

/** What one service erased at one delivery of the request; repeats add up. */
export const erasureParts = auth.table(
  "erasure_parts",
  {
    /** The event that told it, so that it counts once. */
    eventId: uuid("event_id").primaryKey(),
    erasureId: uuid("erasure_id")
      .notNull()
      .references(() => erasures.id),
    service: text("service").notNull(),
    /** Rows by table. */
    counts: jsonb("counts").notNull().$type<Record<string, number>>(),
    erasedAt: instant("erased_at").notNull(),
  },
  (table) => [index("erasure_parts_erasure_idx").on(table.erasureId)],
);
