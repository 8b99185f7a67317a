import { sql } from "drizzle-orm";
import { check, index, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { auth, users } from "./auth.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true });

/** Who a person is at an OpenID provider: a way to log in. */
export const identities = auth.table(
  "identities",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The provider's id in the configuration. */
    provider: text("provider").notNull(),
    /** The provider's id of the person, its `sub`. */
    subject: text("subject").notNull(),
    /** The address that the provider told last, which it had verified. */
    email: text("email").notNull(),
    /** Sealed by the kit's envelope, bound to provider and subject. */
    sealedRefreshToken: text("sealed_refresh_token"),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [
    uniqueIndex("identities_subject_key").on(table.provider, table.subject),
    uniqueIndex("identities_user_key").on(table.userId, table.provider),
    check("identities_subject_not_empty", sql`${table.subject} <> ''`),
  ],
);

/** People on their way to a provider and back. A row is deleted by its use. */
export const authorizations = auth.table(
  "authorizations",
  {
    /** SHA-256 of the state, which passes through the provider. */
    stateHash: text("state_hash").primaryKey(),
    /** SHA-256 of the secret that only the app that began it has. */
    flowHash: text("flow_hash").notNull(),
    provider: text("provider").notNull(),
    /** Who links an identity; null for a log-in. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    redirectUri: text("redirect_uri").notNull(),
    /** PKCE verifier and nonce, sealed by the kit's envelope, bound to this row. */
    sealedSecrets: text("sealed_secrets").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    index("authorizations_user_idx").on(table.userId),
    index("authorizations_expires_idx").on(table.expiresAt),
    check("authorizations_expire_later", sql`${table.expiresAt} > ${table.createdAt}`),
  ],
);
