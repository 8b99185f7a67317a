import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { auth, instant, users } from "./auth.ts";

/** What stands in a person's security log. Where the event log has a name for it, it is the same. */
export const SECURITY_EVENTS = [
  "session.opened",
  "session.revoked",
  "impersonation.started",
  "sign_in.failed",
  "second_factor.failed",
  "account.locked",
  "account.unlocked",
  "password.changed",
  "address.change_requested",
  "address.changed",
  "second_factor.enabled",
  "second_factor.disabled",
  "recovery_code.used",
  "recovery_codes.renewed",
  "trusted_device.added",
  "trusted_device.removed",
  "api_key.created",
  "api_key.rolled",
  "api_key.revoked",
  "identity.linked",
  "identity.unlinked",
  "passkey.added",
  "passkey.removed",
  "user.banned",
  "user.unbanned",
  "role.granted",
  "person.export_requested",
  "account.deactivated",
  "account.deletion_requested",
  "account.returned",
] as const;
export type SecurityEventType = (typeof SECURITY_EVENTS)[number];

/** What happened to an account, for its owner to read. */
export const securityEvents = auth.table(
  "security_events",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    type: text("type", { enum: SECURITY_EVENTS }).notNull(),
    /** The device that did it, and where it was, when that was the person's or a stranger's at the door; of an admin nothing is kept. */
    device: text("device"),
    ip: text("ip"),
    details: jsonb("details").notNull().$type<Record<string, unknown>>(),
    occurredAt: instant("occurred_at").notNull(),
    /** Failed attempts share a row by network and hour. It may be 0: a right one takes its own back. */
    count: integer("count").notNull().default(1),
    network: text("network"),
    hour: instant("hour"),
  },
  (table) => [
    index("security_events_user_idx").on(table.userId, table.id),
    uniqueIndex("security_events_attempts_key")
      .on(table.userId, table.type, table.network, table.hour)
      .where(sql`${table.hour} IS NOT NULL`),
    check(
      "security_events_type_known",
      sql`${table.type} IN (${sql.raw(SECURITY_EVENTS.map((type) => `'${type}'`).join(", "))})`,
    ),
    check("security_events_count_not_negative", sql`${table.count} >= 0`),
    check("security_events_attempts_by_network", sql`(${table.hour} IS NULL) = (${table.network} IS NULL)`),
  ],
);
