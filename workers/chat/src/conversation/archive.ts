import { conversations, hidden, members, messages, scheduled } from "@souk/db/schema/chat";
import { log } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { EVENTS, EVENT_TYPES, isDrained } from "@souk/kit/events";
import { traceparent } from "@souk/kit/trace";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { Draft } from "../schemas/member.ts";
import type { ConversationStore } from "./store.ts";
import type { Unarchived } from "./unarchived.ts";

/** Less than any revision: not even the first is archived, and that is to be held to what is here. */
const TO_REBUILD = -1;

/** Whether something changed that the archive has not seen. */
export function isUnarchived(store: ConversationStore): boolean {
  if (!store.exists()) return false;
  const row = store.sql.exec<{ behind: number }>("SELECT archived < revision AS behind FROM conversation");
  return row.one().behind === 1;
}

/** Whether nothing of the conversation was ever archived: before that it is registered. */
export const isUnregistered = (store: ConversationStore): boolean =>
  store.exists() && store.conversation().archived === 0;

/** All of it is to be archived anew, and what else the archive holds of it is to go. */
export function forgetArchived(store: ConversationStore): void {
  if (store.exists()) store.sql.exec("UPDATE conversation SET archived = ?", TO_REBUILD);
}

export const isToRebuild = (store: ConversationStore): boolean =>
  store.exists() && store.conversation().archived === TO_REBUILD;

/**
 * Removes from the archive what the conversation does not hold, and takes all else there for older than anything here.
 * @throws whatever the database throws; it is then to be done again
 */
export async function distrustArchive(context: Context, store: ConversationStore): Promise<void> {
  const { id, last_seq } = store.conversation();
  const users = store.sql.exec<{ user_id: string }>("SELECT user_id FROM members").toArray();
  const unseen = store.sql
    .exec<{ user_id: string; seq: number }>("SELECT user_id, seq FROM hidden")
    .toArray();
  const later = store.sql
    .exec<{ user_id: string; client_message_id: string }>(
      "SELECT user_id, client_message_id FROM scheduled WHERE text IS NOT NULL",
    )
    .toArray();
  const [of, known] = [sql`${id}::uuid`, sql`SELECT user_id FROM ${rowsOf(users, "user_id uuid")}`];
  await context.db.batch([
    context.db.execute(
      sql`DELETE FROM ${members} WHERE conversation_id = ${of} AND user_id NOT IN (${known})`,
    ),
    context.db.execute(sql`DELETE FROM ${messages} WHERE conversation_id = ${of} AND seq > ${last_seq}`),
    // What stays hidden is not shown while all is written anew.
    context.db.execute(sql`DELETE FROM ${hidden} WHERE conversation_id = ${of}
      AND NOT EXISTS (SELECT FROM ${rowsOf(unseen, "user_id uuid, seq int")} WHERE r.user_id = ${hidden}.user_id AND r.seq = ${hidden}.seq)`),
    context.db.execute(sql`DELETE FROM ${scheduled} WHERE conversation_id = ${of}
      AND NOT EXISTS (SELECT FROM ${rowsOf(later, "user_id uuid, client_message_id text")}
        WHERE r.user_id = ${scheduled}.user_id AND r.client_message_id = ${scheduled}.client_message_id)`),
    context.db.execute(sql`UPDATE ${conversations} SET revision = 0 WHERE id = ${of}`),
    context.db.execute(sql`UPDATE ${members} SET revision = 0 WHERE conversation_id = ${of}`),
    context.db.execute(sql`UPDATE ${messages} SET revision = 0 WHERE conversation_id = ${of}`),
  ]);
}

/**
 * Remembers that the archive has seen it. A row that changed meanwhile has a higher revision and stays to be written; so does all where
 * the archive was given up meanwhile.
 */
export function markArchived(store: ConversationStore, { conversation, events, upTo }: Unarchived): void {
  store.sql.exec("UPDATE conversation SET archived = ? WHERE archived = ?", upTo, conversation.archived);
  store.sql.exec(
    "DELETE FROM events WHERE id IN (SELECT value FROM json_each(?))",
    JSON.stringify(events.map(({ id }) => id)),
  );
}

/** Rows as a set that a statement can select from. */
const rowsOf = (rows: object[], columns: string): SQL =>
  sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (${sql.raw(columns)})`;

const KnownType = z.enum(EVENT_TYPES);

/**
 * Writes changes to the directory and the archive, and their events to the log: one statement, and a repeat changes nothing.
 * @throws whatever the database throws; all of it is then to be written again
 */
export async function writeArchive(context: Context, batch: Unarchived): Promise<void> {
  const { conversation, memberCount } = batch;
  const of = sql`${conversation.id}::uuid`;
  const events = batch.events.map(({ id, type: named, data, at }) => {
    const type = KnownType.parse(named);
    const drained = isDrained(type);
    if (drained) context.appended.events = true;
    return {
      id,
      type,
      version: EVENTS[type].version,
      data: z.record(z.string(), z.unknown()).parse(JSON.parse(data)),
      occurred_at: at,
      sent_at: drained ? null : at,
    };
  });
  const people = batch.members.map((row) => ({
    ...row,
    draft: row.draft === null ? null : Draft.parse(JSON.parse(row.draft)),
  }));
  const texts = batch.messages.map((row) => ({
    ...row,
    edits: row.edits.map(({ text, writtenAt }) => ({ text, writtenAt })),
    attachments: z.array(z.unknown()).parse(JSON.parse(row.attachments)),
    mentions: z.array(z.string()).parse(JSON.parse(row.mentions)),
  }));
  const later = batch.scheduled.map((row) => ({
    ...row,
    attachments: z.array(z.unknown()).parse(JSON.parse(row.attachments)),
    mentions: z.array(z.string()).parse(JSON.parse(row.mentions)),
  }));
  // A write that was given up and comes after the next must not bring back what that took away.
  const isNewest = sql.raw("EXISTS (SELECT FROM conversation)");
  const [waiting, gone] = [
    later.filter(({ text }) => text !== null),
    later.filter(({ text }) => text === null),
  ];
  await context.db.execute(sql`WITH conversation AS (
      INSERT INTO ${conversations} (id, kind, title, object_type, object_id, history, suspended_at, last_seq, last_activity_at, member_count,
        revision, created_at, updated_at, keep_days, hold_reason, held_by, held_since)
      SELECT r.id, kind, title, object_type, object_id, history, suspended_at, last_seq, last_activity_at, ${memberCount}::int, revision, created_at, updated_at,
        keep_days, hold_reason, held_by, held_since
      FROM ${rowsOf([conversation], "id uuid, kind text, title text, object_type text, object_id uuid, history text, suspended_at timestamptz, last_seq int, last_activity_at timestamptz, revision int, created_at timestamptz, updated_at timestamptz, keep_days int, hold_reason text, held_by uuid, held_since timestamptz")}
      ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, object_type = excluded.object_type, object_id = excluded.object_id,
        created_at = excluded.created_at, title = excluded.title, history = excluded.history, suspended_at = excluded.suspended_at,
        last_seq = excluded.last_seq, last_activity_at = excluded.last_activity_at, member_count = excluded.member_count,
        revision = excluded.revision, updated_at = excluded.updated_at, keep_days = excluded.keep_days, hold_reason = excluded.hold_reason,
        held_by = excluded.held_by, held_since = excluded.held_since
      WHERE excluded.revision >= ${conversations}.revision RETURNING id
    ), member AS (
      INSERT INTO ${members} (conversation_id, user_id, role, status, visible_from, visible_to, read_seq, delivered_seq, written, written_read,
        muted_until, draft, revision, joined_at, updated_at)
      SELECT ${of}, user_id, role, status, visible_from, visible_to, read_seq, delivered_seq, written, written_read, muted_until, draft, revision, joined_at, updated_at
      FROM ${rowsOf(people, "user_id uuid, role text, status text, visible_from int, visible_to int, read_seq int, delivered_seq int, written int, written_read int, muted_until timestamptz, draft jsonb, revision int, joined_at timestamptz, updated_at timestamptz")}
      ON CONFLICT (conversation_id, user_id) DO UPDATE SET role = excluded.role, status = excluded.status, visible_from = excluded.visible_from,
        visible_to = excluded.visible_to, read_seq = excluded.read_seq, delivered_seq = excluded.delivered_seq, written = excluded.written,
        written_read = excluded.written_read, muted_until = excluded.muted_until, draft = excluded.draft, revision = excluded.revision, joined_at = excluded.joined_at,
        updated_at = excluded.updated_at
      WHERE excluded.revision > ${members}.revision
    ), message AS (
      INSERT INTO ${messages} (conversation_id, seq, id, sender_id, kind, text, reply_to, origin_sender_id, origin_at, attachments, mentions, edits,
        revision, created_at, edited_at, deleted_at)
      SELECT ${of}, seq, r.id, sender_id, kind, text, reply_to, origin_sender_id, origin_at, attachments, mentions, edits, revision, created_at, edited_at,
        deleted_at
      FROM ${rowsOf(texts, "seq int, id uuid, sender_id uuid, kind text, text text, reply_to int, origin_sender_id uuid, origin_at timestamptz, attachments jsonb, mentions jsonb, edits jsonb, revision int, created_at timestamptz, edited_at timestamptz, deleted_at timestamptz")}
      ON CONFLICT (conversation_id, seq) DO UPDATE SET id = excluded.id, kind = excluded.kind, reply_to = excluded.reply_to,
        created_at = excluded.created_at, sender_id = excluded.sender_id, text = excluded.text, attachments = excluded.attachments,
        mentions = excluded.mentions, origin_sender_id = excluded.origin_sender_id, origin_at = excluded.origin_at, edits = excluded.edits,
        revision = excluded.revision, edited_at = excluded.edited_at, deleted_at = excluded.deleted_at
      WHERE excluded.revision > ${messages}.revision
    ), unseen AS (
      INSERT INTO ${hidden} (conversation_id, user_id, seq)
      SELECT ${of}, user_id, seq FROM ${rowsOf(batch.hidden, "user_id uuid, seq int")} ON CONFLICT DO NOTHING
    ), waiting AS (
      INSERT INTO ${scheduled} (conversation_id, user_id, client_message_id, text, reply_to, attachments, mentions, send_at, failed, created_at,
        updated_at)
      SELECT ${of}, user_id, client_message_id, text, reply_to, attachments, mentions, send_at, failed, created_at, updated_at
      FROM ${rowsOf(waiting, "user_id uuid, client_message_id text, text text, reply_to int, attachments jsonb, mentions jsonb, send_at timestamptz, failed text, created_at timestamptz, updated_at timestamptz")}
      WHERE ${isNewest}
      ON CONFLICT (conversation_id, user_id, client_message_id) DO UPDATE SET text = excluded.text, reply_to = excluded.reply_to,
        attachments = excluded.attachments, mentions = excluded.mentions, send_at = excluded.send_at, failed = excluded.failed,
        created_at = excluded.created_at, updated_at = excluded.updated_at
    ), gone AS (
      DELETE FROM ${scheduled} USING ${rowsOf(gone, "user_id uuid, client_message_id text")}
      WHERE ${scheduled}.conversation_id = ${of} AND ${scheduled}.user_id = r.user_id
        AND ${scheduled}.client_message_id = r.client_message_id AND ${isNewest}
    )
    INSERT INTO ${log} (id, type, version, source, aggregate_id, data, traceparent, occurred_at, sent_at)
    SELECT r.id, type, version, ${context.service}, ${conversation.id}, data, ${traceparent(context.trace)}, occurred_at, sent_at
    FROM ${rowsOf(events, "id uuid, type text, version int, data jsonb, occurred_at timestamptz, sent_at timestamptz")}
    ON CONFLICT DO NOTHING`);
}
