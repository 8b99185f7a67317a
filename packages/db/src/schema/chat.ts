import { sql, type SQL } from "drizzle-orm";
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { erasedTable } from "../erased.ts";

export const schema = pgSchema("chat");

export const KINDS = ["direct", "group", "object"] as const;
export const MEMBER_ROLES = ["owner", "admin", "member"] as const;
/** `requested`: asked to take part, and has not answered yet. */
export const MEMBER_STATUSES = ["active", "requested", "declined", "left", "removed"] as const;
export const MESSAGE_KINDS = ["text", "system"] as const;
/** What newcomers may read: all that was written, or what is written from their joining on. */
export const HISTORIES = ["all", "since_joining"] as const;
/** Why what was written for later was not sent when it was due. */
export const SCHEDULE_FAILURES = ["forbidden", "validation_failed", "internal"] as const;
export const REPORT_REASONS = ["spam", "harassment", "fraud", "illegal", "other"] as const;
export const HOLD_ACTS = ["held", "read", "ended"] as const;
export const REPORT_OUTCOMES = ["dismissed", "message_removed", "conversation_suspended"] as const;

const oneOf = (column: unknown, values: readonly string[]): SQL =>
  sql`${column} IN (${sql.raw(values.map((value) => `'${value}'`).join(", "))})`;

const moment = (name: string) => timestamp(name, { withTimezone: true });

/** The directory, the search and the archive: copies of what each conversation's object holds, which writes them; the later `revision` stays. */
export const conversations = schema.table(
  "conversations",
  {
    id: uuid("id").primaryKey(),
    kind: text("kind", { enum: KINDS }).notNull(),
    title: text("title"),
    /** What it is about, where it belongs to an object of another service. */
    objectType: text("object_type"),
    objectId: uuid("object_id"),
    history: text("history", { enum: HISTORIES }).notNull(),
    suspendedAt: moment("suspended_at"),
    lastSeq: integer("last_seq").notNull(),
    lastActivityAt: moment("last_activity_at").notNull(),
    /** After how many days messages go by themselves. */
    keepDays: integer("keep_days"),
    /** Of a legal hold: why, by whom and since when what is taken away is kept. */
    holdReason: text("hold_reason"),
    heldBy: uuid("held_by"),
    heldSince: moment("held_since"),
    memberCount: integer("member_count").notNull(),
    revision: integer("revision").notNull(),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [
    unique("conversations_object_key").on(table.objectType, table.objectId),
    index("conversations_held_idx")
      .on(table.heldSince.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`${table.heldSince} IS NOT NULL`),
    check("conversations_kept_for_days", sql`${table.keepDays} >= 1`),
    check(
      "conversations_held_by_someone",
      sql`(${table.heldSince} IS NULL) = (${table.heldBy} IS NULL) AND (${table.heldSince} IS NULL) = (${table.holdReason} IS NULL)`,
    ),
    check("conversations_known_kind", oneOf(table.kind, KINDS)),
    check("conversations_known_history", oneOf(table.history, HISTORIES)),
    check("conversations_gapless", sql`${table.lastSeq} >= 0`),
  ],
);

export const members = schema.table(
  "members",
  {
    conversationId: uuid("conversation_id")
      .notNull()
      .references(() => conversations.id, { onDelete: "cascade" }),
    userId: uuid("user_id").notNull(),
    role: text("role", { enum: MEMBER_ROLES }).notNull(),
    status: text("status", { enum: MEMBER_STATUSES }).notNull(),
    /** The first and the last message that the member may read. */
    visibleFrom: integer("visible_from").notNull(),
    visibleTo: integer("visible_to"),
    readSeq: integer("read_seq").notNull(),
    deliveredSeq: integer("delivered_seq").notNull(),
    /** How many messages the member wrote, and how many of them up to `read_seq`: what is unread follows without counting. */
    written: integer("written").notNull(),
    writtenRead: integer("written_read").notNull(),
    mutedUntil: moment("muted_until"),
    /** What the member has begun to write. */
    draft: jsonb("draft").$type<{ text: string; replyTo: number | null; updatedAt: string }>(),
    revision: integer("revision").notNull(),
    joinedAt: moment("joined_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId] }),
    index("members_user_idx").on(table.userId, table.status),
    check("members_known_role", oneOf(table.role, MEMBER_ROLES)),
    check("members_known_status", oneOf(table.status, MEMBER_STATUSES)),
    check("members_read_is_delivered", sql`${table.readSeq} <= ${table.deliveredSeq}`),
    check("members_wrote_what_they_read", sql`${table.writtenRead} BETWEEN 0 AND ${table.written}`),
  ],
);

/** The words of a message, for the full-text search; the query repeats it so that the index serves. */
export const messageDocument = sql.raw("to_tsvector('simple', coalesce(text, ''))");

export const messages = schema.table(
  "messages",
  {
    conversationId: uuid("conversation_id").notNull(),
    /** From 1, without gaps. */
    seq: integer("seq").notNull(),
    id: uuid("id").notNull().unique(),
    /** Null: the system, or somebody who has been erased. */
    senderId: uuid("sender_id"),
    kind: text("kind", { enum: MESSAGE_KINDS }).notNull(),
    /** Null: deleted. */
    text: text("text"),
    replyTo: integer("reply_to"),
    /** Of what was forwarded: who wrote it first, and when. */
    originSenderId: uuid("origin_sender_id"),
    originAt: moment("origin_at"),
    attachments: jsonb("attachments").notNull().$type<unknown[]>(),
    mentions: jsonb("mentions").notNull().$type<string[]>(),
    /** What it said before it was edited, the oldest first. */
    edits: jsonb("edits").notNull().default([]).$type<{ text: string; writtenAt: string }[]>(),
    revision: integer("revision").notNull(),
    createdAt: moment("created_at").notNull(),
    editedAt: moment("edited_at"),
    deletedAt: moment("deleted_at"),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq] }),
    foreignKey({ columns: [table.conversationId], foreignColumns: [conversations.id] }).onDelete("cascade"),
    index("messages_sender_idx").on(table.senderId, table.createdAt.desc().nullsFirst()),
    index("messages_origin_idx")
      .on(table.originSenderId, table.conversationId)
      .where(sql`${table.originSenderId} IS NOT NULL`),
    index("messages_document_idx").using("gin", messageDocument),
    check("messages_known_kind", oneOf(table.kind, MESSAGE_KINDS)),
    check("messages_from_one", sql`${table.seq} >= 1`),
    check("messages_have_one_origin", sql`${table.originSenderId} IS NULL OR ${table.originAt} IS NOT NULL`),
    check("messages_deleted_are_empty", sql`${table.deletedAt} IS NULL OR ${table.text} IS NULL`),
  ],
);

/** Messages that a member deleted for themself alone. */
export const hidden = schema.table(
  "hidden",
  {
    conversationId: uuid("conversation_id")
      .notNull()
      .references(() => conversations.id, { onDelete: "cascade" }),
    userId: uuid("user_id").notNull(),
    seq: integer("seq").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId, table.seq] }),
    index("hidden_user_idx").on(table.userId),
  ],
);

/** What a member wrote that is to be sent later. */
export const scheduled = schema.table(
  "scheduled",
  {
    conversationId: uuid("conversation_id")
      .notNull()
      .references(() => conversations.id, { onDelete: "cascade" }),
    userId: uuid("user_id").notNull(),
    clientMessageId: text("client_message_id").notNull(),
    text: text("text").notNull(),
    replyTo: integer("reply_to"),
    attachments: jsonb("attachments").notNull().$type<unknown[]>(),
    mentions: jsonb("mentions").notNull().$type<string[]>(),
    sendAt: moment("send_at").notNull(),
    /** Null: it waits. */
    failed: text("failed", { enum: SCHEDULE_FAILURES }),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId, table.clientMessageId] }),
    index("scheduled_user_idx").on(table.userId),
    check(
      "scheduled_known_failure",
      sql`${table.failed} IS NULL OR ${oneOf(table.failed, SCHEDULE_FAILURES)}`,
    ),
  ],
);

/** What a member showed to the moderators: the message and what stood around it, as it was then. */
export const reports = schema.table(
  "reports",
  {
    id: uuid("id").primaryKey(),
    conversationId: uuid("conversation_id").notNull(),
    seq: integer("seq").notNull(),
    reporterId: uuid("reporter_id").notNull(),
    reportedId: uuid("reported_id"),
    reason: text("reason", { enum: REPORT_REASONS }).notNull(),
    note: text("note"),
    context: jsonb("context").notNull().$type<unknown[]>(),
    /** What the message had said before it was edited. */
    edits: jsonb("edits").notNull().default([]).$type<unknown[]>(),
    outcome: text("outcome", { enum: REPORT_OUTCOMES }),
    resolvedBy: uuid("resolved_by"),
    resolvedAt: moment("resolved_at"),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    unique("reports_once_key").on(table.reporterId, table.conversationId, table.seq),
    index("reports_open_idx")
      .on(table.id)
      .where(sql`${table.outcome} IS NULL`),
    index("reports_reported_idx").on(table.reportedId),
    index("reports_context_idx").using("gin", table.context.op("jsonb_path_ops")),
    check("reports_known_reason", oneOf(table.reason, REPORT_REASONS)),
    check("reports_known_outcome", sql`${table.outcome} IS NULL OR ${oneOf(table.outcome, REPORT_OUTCOMES)}`),
    check("reports_resolved_by_someone", sql`(${table.outcome} IS NULL) = (${table.resolvedAt} IS NULL)`),
  ],
);

/** Which moderator read which report, and when: nobody reads another's messages unseen. */
export const reportReads = schema.table(
  "report_reads",
  {
    id: uuid("id").primaryKey(),
    reportId: uuid("report_id")
      .notNull()
      .references(() => reports.id, { onDelete: "cascade" }),
    readerId: uuid("reader_id").notNull(),
    readAt: moment("read_at").notNull(),
  },
  (table) => [index("report_reads_report_idx").on(table.reportId)],
);

/** Who held which conversation, read what was kept of it, or ended that, and when. It stays when the hold, and the conversation's rows, go. */
export const legalHoldActs = schema.table(
  "legal_hold_acts",
  {
    id: uuid("id").primaryKey(),
    conversationId: uuid("conversation_id").notNull(),
    actorId: uuid("actor_id").notNull(),
    act: text("act", { enum: HOLD_ACTS }).notNull(),
    /** Why it is held. */
    reason: text("reason"),
    actedAt: moment("acted_at").notNull(),
  },
  (table) => [
    index("legal_hold_acts_conversation_idx").on(table.conversationId, table.id),
    check("legal_hold_acts_known_act", oneOf(table.act, HOLD_ACTS)),
    check("legal_hold_acts_held_for_a_reason", sql`(${table.act} = 'held') = (${table.reason} IS NOT NULL)`),
  ],
);

export const erased = erasedTable(schema);
