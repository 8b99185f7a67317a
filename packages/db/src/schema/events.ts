import { sql } from "drizzle-orm";
import {
  check,
  index,
  integer,
  jsonb,
  pgSchema,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

export const events = pgSchema("events");

/** The event log: outbox and event store at once. Every service role may insert, only `events` may read and mark. */
export const log = events.table(
  "log",
  {
    id: uuid("id").primaryKey(),
    type: text("type").notNull(),
    version: integer("version").notNull(),
    source: text("source").notNull(),
    aggregateId: text("aggregate_id").notNull(),
    data: jsonb("data").notNull().$type<Record<string, unknown>>(),
    traceparent: text("traceparent"),
    /** The admin who acted as the person in whose name it happened. */
    impersonatedBy: uuid("impersonated_by"),
    occurredAt: timestamp("occurred_at", { withTimezone: true }).notNull(),
    // Milliseconds, so that a Date names a row's position exactly.
    createdAt: timestamp("created_at", { withTimezone: true, precision: 3 }).notNull().defaultNow(),
    /** A drain that takes a row has until then to send it; after that another may. */
    claimedUntil: timestamp("claimed_until", { withTimezone: true }),
    sentAt: timestamp("sent_at", { withTimezone: true }),
  },
  (table) => [
    index("log_unsent_idx")
      .on(table.createdAt, table.id)
      .where(sql`${table.sentAt} IS NULL`),
    index("log_replay_idx").on(table.createdAt, table.id),
    // Whose words they are, for when that person is erased; few alerts have a note.
    index("log_notes_idx")
      .on(sql`(${table.data}->>'userId')`)
      .where(sql`${table.type} = 'alert.triggered' AND ${table.data}->>'note' IS NOT NULL`),
    // A queue takes messages of 128 KB, and an isolate has 128 MB for a batch of these. Events hold ids and facts.
    check("log_data_at_most_32_kb", sql`octet_length(${table.data}::text) <= 32768`),
  ],
);

/** Messages that a consumer gave up, with the reason; replayed or discarded by an admin. */
export const deadLetters = events.table(
  "dead_letters",
  {
    id: uuid("id").primaryKey(),
    subscriber: text("subscriber"),
    eventId: uuid("event_id"),
    eventType: text("event_type"),
    reason: text("reason").notNull(),
    attempts: integer("attempts").notNull(),
    body: jsonb("body").notNull().$type<unknown>(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
    replayedAt: timestamp("replayed_at", { withTimezone: true }),
    replayedBy: text("replayed_by"),
  },
  (table) => [
    index("dead_letters_open_idx")
      .on(table.id)
      .where(sql`${table.replayedAt} IS NULL`),
    index("dead_letters_notes_idx")
      .on(sql`(${table.body} #>> '{event,data,userId}')`)
      .where(
        sql`${table.eventType} = 'alert.triggered' AND ${table.body} #>> '{event,data,note}' IS NOT NULL`,
      ),
    // What is no event has no id: the same body is then the same letter.
    uniqueIndex("dead_letters_once_idx")
      .on(
        sql`coalesce(${table.subscriber}, '')`,
        sql`coalesce(${table.eventId}::text, md5(${table.body}::text))`,
      )
      .where(sql`${table.replayedAt} IS NULL`),
  ],
);

/** Who had what part of the log sent again to whom. */
export const replays = events.table("replays", {
  id: uuid("id").primaryKey(),
  subscriber: text("subscriber").notNull(),
  types: jsonb("types").$type<string[]>(),
  fromTime: timestamp("from_time", { withTimezone: true }).notNull(),
  toTime: timestamp("to_time", { withTimezone: true }).notNull(),
  requestedBy: text("requested_by").notNull(),
  sent: integer("sent").notNull(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
});
