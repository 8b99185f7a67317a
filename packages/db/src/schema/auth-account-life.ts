import { sql } from "drizzle-orm";
import { check, index, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { auth, instant, users } from "./auth.ts";

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
