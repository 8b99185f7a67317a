import { AppError } from "@souk/kit/errors";
import { MESSAGES_BEFORE_ANSWER } from "../limits.ts";
import type { Message, NewMessage } from "../schemas/message.ts";
import { showMessage, showMessageTo } from "./show.ts";
import type { Act, ConversationStore } from "./store.ts";
import type { MemberRow, MessageRow } from "./tables.ts";

/** Ids for what a new message makes. */
export interface MessageIds {
  message: string;
  sent: string;
  shared: string;
}

/** Of what is forwarded: who wrote it first, and when. */
export interface Origin {
  senderId: string | null;
  sentAt: string;
}

const invalid = (field: string, message: string): AppError =>
  new AppError("validation_failed", "Correct the fields named in `details`.", {
    details: [{ field, message }],
  });

/** @throws AppError forbidden where nobody may write now, or this member may not */
export function requireWritable(store: ConversationStore, member: MemberRow): void {
  const { kind, suspended_at } = store.conversation();
  if (suspended_at !== null) throw new AppError("forbidden", "This conversation is suspended.");
  if (kind !== "direct") return;
  if (store.sql.exec("SELECT 1 FROM blocks WHERE blocked = 1").toArray().length > 0)
    throw new AppError("forbidden", "You may not write to this person.");
  const [other] = store.sql
    .exec<MemberRow>("SELECT * FROM members WHERE user_id <> ?", member.user_id)
    .toArray();
  const waits = other?.status === "requested" && member.written < MESSAGES_BEFORE_ANSWER;
  if (other?.status !== "active" && !waits)
    throw new AppError("forbidden", "This person has not agreed to be written to.");
}

/** @throws AppError validation_failed for an answer to what the member may not see */
export function requireReply(store: ConversationStore, member: MemberRow, replyTo: number): void {
  if (replyTo < member.visible_from || replyTo > store.conversation().last_seq)
    throw invalid("replyTo", "There is no such message");
}

/** @throws AppError validation_failed for an answer to what the member may not see, and the mention of who takes no part */
export function requireReferences(
  store: ConversationStore,
  member: MemberRow,
  input: Pick<NewMessage, "replyTo" | "mentions">,
): void {
  if (input.replyTo !== undefined) requireReply(store, member, input.replyTo);
  const mentions = new Set(input.mentions);
  if (mentions.size === 0) return;
  const { known } = store.sql
    .exec<{ known: number }>(
      "SELECT count(*) AS known FROM members WHERE status = 'active' AND user_id IN (SELECT value FROM json_each(?))",
      JSON.stringify([...mentions]),
    )
    .one();
  if (known < mentions.size) throw invalid("mentions", "Somebody who takes no part");
}

/** The message that the member sent with this id before, if any, as they see it: a repeat is answered with it. */
export function earlierMessage(
  store: ConversationStore,
  member: MemberRow,
  clientMessageId: string,
): Message | undefined {
  const [row] = store.sql
    .exec<MessageRow>(
      "SELECT * FROM messages WHERE sender_id = ? AND client_message_id = ?",
      member.user_id,
      clientMessageId,
    )
    .toArray();
  return row && showMessageTo(store, member, row);
}

/**
 * Writes the next message.
 * @param origin of what is forwarded
 * @throws AppError not_found for who takes no part; forbidden, validation_failed
 */
export function sendMessage(
  store: ConversationStore,
  act: Act,
  input: NewMessage,
  ids: MessageIds,
  origin?: Origin,
): Message {
  const member = store.active(act.userId);
  requireWritable(store, member);
  requireReferences(store, member, input);
  const row = appendMessage(store, act.at, {
    id: ids.message,
    sender_id: act.userId,
    client_message_id: input.clientMessageId,
    kind: "text",
    text: input.text,
    reply_to: input.replyTo ?? null,
    attachments: JSON.stringify(input.attachments ?? []),
    mentions: JSON.stringify([...new Set(input.mentions ?? [])]),
    origin_sender_id: origin?.senderId ?? null,
    origin_at: origin?.sentAt ?? null,
  });
  const place = { conversationId: store.conversation().id, messageId: row.id, seq: row.seq };
  store.tell("message.sent", {
    key: `sent:${row.seq}`,
    id: ids.sent,
    at: act.at,
    data: { ...place, senderId: act.userId },
  });
  const { attachments = [] } = input;
  if (attachments.length > 0)
    store.tell("file.shared", {
      key: `shared:${row.seq}`,
      id: ids.shared,
      at: act.at,
      data: { ...place, senderId: act.userId, mediaIds: attachments.map(({ mediaId }) => mediaId) },
    });
  return showMessage(store, row);
}

type Forwarded = "origin_sender_id" | "origin_at";

/** Gives a message its place, the next one, and counts it for its writer: each row that changes has a revision of its own. */
export function appendMessage(
  store: ConversationStore,
  at: string,
  fields: Omit<MessageRow, "seq" | "created_at" | "edited_at" | "deleted_at" | "revision" | Forwarded> &
    Partial<Pick<MessageRow, Forwarded>>,
): MessageRow {
  const { revision, last_seq: seq } = store.sql
    .exec<{ revision: number; last_seq: number }>(
      `UPDATE conversation SET revision = revision + 2, updated_at = ?1, published = max(published, ?2), last_seq = last_seq + 1,
         last_activity_at = ?1 RETURNING revision, last_seq`,
      at,
      store.told,
    )
    .one();
  if (fields.sender_id !== null)
    store.sql.exec(
      "UPDATE members SET written = written + 1, updated_at = ?, revision = ? WHERE user_id = ?",
      at,
      revision,
      fields.sender_id,
    );
  return store.sql
    .exec<MessageRow>(
      `INSERT INTO messages (seq, id, sender_id, client_message_id, kind, text, reply_to, attachments, mentions, created_at, revision,
         origin_sender_id, origin_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
      seq,
      fields.id,
      fields.sender_id,
      fields.client_message_id,
      fields.kind,
      fields.text,
      fields.reply_to,
      fields.attachments,
      fields.mentions,
      at,
      revision - 1,
      fields.origin_sender_id ?? null,
      fields.origin_at ?? null,
    )
    .one();
}
