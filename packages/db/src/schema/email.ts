import { sql } from "drizzle-orm";
import { boolean, check, index, integer, pgSchema, text, timestamp, unique, uuid } from "drizzle-orm/pg-core";
import { erasedTable } from "../erased.ts";

export const email = pgSchema("email");

const moment = (name: string) => timestamp(name, { withTimezone: true });

/** Templates as an admin edited them (S2-EMAIL-06). Version 1 of each is in the code, so versions here start at 2. */
export const emailTemplates = email.table(
  "email_templates",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    version: integer("version").notNull(),
    subject: text("subject").notNull(),
    html: text("html").notNull(),
    text: text("text").notNull(),
    createdBy: uuid("created_by").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    unique("email_templates_name_version_key").on(table.name, table.version),
    check("email_templates_version_check", sql`${table.version} > 1`),
  ],
);

export const EMAIL_STATUSES = ["claimed", "sent", "failed", "uncertain", "suppressed", "skipped"] as const;

/** One row per mail that an event asks for (S2-EMAIL-07): what is known of its delivery, and who works on it until when. */
export const emailLogs = email.table(
  "email_logs",
  {
    id: uuid("id").primaryKey(),
    eventId: uuid("event_id").notNull(),
    template: text("template").notNull(),
    templateVersion: integer("template_version"),
    userId: uuid("user_id").notNull(),
    recipient: text("recipient"),
    subject: text("subject"),
    /** The SMTP Message-ID, the same in every attempt, by which a receiver recognises a repeat. */
    messageId: text("message_id").notNull(),
    status: text("status", { enum: EMAIL_STATUSES }).notNull(),
    /** A failure that no repeat would mend. */
    permanent: boolean("permanent").notNull().default(false),
    /** How often sending was begun. */
    attempts: integer("attempts").notNull().default(0),
    lastError: text("last_error"),
    /** A delivery works on it until then; null when none does. */
    claimedUntil: moment("claimed_until"),
    sentAt: moment("sent_at"),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [
    unique("email_logs_event_template_key").on(table.eventId, table.template),
    // Ids are UUIDv7, so their order is that of time.
    index("email_logs_user_idx").on(table.userId, table.id),
    index("email_logs_status_idx").on(table.status, table.id),
    check(
      "email_logs_status_check",
      sql`${table.status} IN ('claimed', 'sent', 'failed', 'uncertain', 'suppressed', 'skipped')`,
    ),
    check("email_logs_sent_check", sql`(${table.status} = 'sent') = (${table.sentAt} IS NOT NULL)`),
  ],
);

export const ATTEMPT_OUTCOMES = ["sent", "refused", "deferred", "uncertain", "lost"] as const;

/** One row per try to hand a mail to the mail server. No outcome: it is under way, or its Worker died. */
export const emailAttempts = email.table(
  "email_attempts",
  {
    id: uuid("id").primaryKey(),
    emailId: uuid("email_id")
      .notNull()
      .references(() => emailLogs.id, { onDelete: "cascade" }),
    startedAt: moment("started_at").notNull(),
    endedAt: moment("ended_at"),
    outcome: text("outcome", { enum: ATTEMPT_OUTCOMES }),
    /** The mail server's reply code, where it replied. */
    responseCode: integer("response_code"),
    errorCode: text("error_code"),
    /** The mail server's words, with addresses masked. */
    errorText: text("error_text"),
  },
  (table) => [
    index("email_attempts_email_idx").on(table.emailId, table.startedAt),
    check(
      "email_attempts_outcome_check",
      sql`${table.outcome} IN ('sent', 'refused', 'deferred', 'uncertain', 'lost')`,
    ),
  ],
);

export const erased = erasedTable(email);
