import { sql } from "drizzle-orm";
import {
  boolean,
  index,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { erasedTable } from "../erased.ts";
import { inboxTable } from "../inbox.ts";

export const schema = pgSchema("notifications");

/** What a person was told in the app. The id is a UUIDv7, so its order is that of time. */
export const notifications = schema.table(
  "notifications",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id").notNull(),
    /** The event that it tells of. */
    eventId: uuid("event_id").notNull(),
    /** The event's type. */
    type: text("type").notNull(),
    title: text("title").notNull(),
    message: text("message").notNull(),
    data: jsonb("data").notNull().$type<Record<string, unknown>>(),
    readAt: timestamp("read_at", { withTimezone: true }),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
    updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    unique("notifications_user_event_key").on(table.userId, table.eventId),
    index("notifications_user_idx").on(table.userId, table.id.desc().nullsFirst()),
    index("notifications_unread_idx")
      .on(table.userId, table.id.desc().nullsFirst())
      .where(sql`${table.readAt} IS NULL`),
    /** Of whom a notification tells: it is erased with that person. */
    index("notifications_about_idx").on(sql`(${table.data}->>'userId')`),
  ],
);

/** Which channels a person wants. No row means all of them. */
export const notificationPreferences = schema.table("notification_preferences", {
  id: uuid("id").primaryKey(),
  userId: uuid("user_id").notNull().unique(),
  email: boolean("email").notNull().default(true),
  inApp: boolean("in_app").notNull().default(true),
  push: boolean("push").notNull().default(true),
  /** The master switch as `users` last told it, and when it was turned. */
  muted: boolean("muted").notNull().default(false),
  mutedAt: timestamp("muted_at", { withTimezone: true }),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
});

export const CHANNELS = ["email"] as const;
export const DELIVERY_STATUSES = ["sent", "failed"] as const;

/** How what an event caused went out beside the app. */
export const deliveries = schema.table(
  "deliveries",
  {
    /** The event that caused the message. */
    eventId: uuid("event_id").notNull(),
    channel: text("channel", { enum: CHANNELS }).notNull(),
    userId: uuid("user_id").notNull(),
    status: text("status", { enum: DELIVERY_STATUSES }).notNull(),
    reason: text("reason"),
    /** When the channel's owner saw it sent or failed. */
    at: timestamp("at", { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.eventId, table.channel] }),
    index("deliveries_at_idx").on(table.at),
  ],
);

export const inbox = inboxTable(schema);

export const erased = erasedTable(schema);
