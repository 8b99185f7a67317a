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

/** `deactivated` and `deleting` end with the next log-in; `erasing` is past the way back. */
export const ACCOUNT_STATUSES = ["pending", "active", "deactivated", "deleting", "erasing"] as const;

export const instant = (name: string) => timestamp(name, { withTimezone: true });

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
    /** Grows each time the person leaves (deactivation, request for deletion) or returns: the order of those events. */
    presenceChange: integer("presence_change").notNull().default(0),
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
    /** The admin who acts as the person, by which session of theirs it lives, and why. */
    impersonatorId: uuid("impersonator_id"),
    impersonatorSessionId: uuid("impersonator_session_id"),
    impersonationReason: text("impersonation_reason"),
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
        "role_changed",
        "identity_unlinked",
        "passkey_removed",
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
    index("sessions_impersonations_idx")
      .on(table.id)
      .where(sql`${table.impersonatorId} IS NOT NULL`),
    index("sessions_impersonator_idx")
      .on(table.impersonatorSessionId)
      .where(sql`${table.impersonatorSessionId} IS NOT NULL`),
    check(
      "sessions_impersonated_for_a_reason",
      sql`(${table.impersonatorId} IS NULL) = (${table.impersonationReason} IS NULL)
        AND (${table.impersonatorId} IS NULL) = (${table.impersonatorSessionId} IS NULL)`,
    ),
    check("sessions_counter_not_negative", sql`${table.counter} >= 0`),
    check("sessions_expire_later", sql`${table.expiresAt} > ${table.createdAt}`),
    check(
      "sessions_revoked_with_reason",
      sql`(${table.revokedAt} IS NULL) = (${table.revokedReason} IS NULL)`,
    ),
    check(
      "sessions_reason_known",
      sql`${table.revokedReason} IN ('logout', 'revoked', 'ban', 'refresh_token_reuse', 'password_reset', 'password_change', 'deactivation', 'deletion', 'role_changed', 'identity_unlinked', 'passkey_removed')`,
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
    purpose: text("purpose", {
      enum: ["verification", "password_reset", "repeated_registration", "sign_in"],
    }).notNull(),
    requestedAt: instant("requested_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.purpose] }),
    check(
      "mail_requests_purpose_known",
      sql`${table.purpose} IN ('verification', 'password_reset', 'repeated_registration', 'sign_in')`,
    ),
  ],
);
