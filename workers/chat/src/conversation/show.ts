import type { Conversation } from "../schemas/conversation.ts";
import { Draft, type Member } from "../schemas/member.ts";
import { Attachments, Mentions, type Message } from "../schemas/message.ts";
import { asLeft } from "./as-left.ts";
import type { ConversationStore } from "./store.ts";
import type { ConversationRow, MemberRow, MessageRow } from "./tables.ts";

/** What others wrote after the member's read cursor. */
export const unreadOf = (lastSeq: number, member: MemberRow): number =>
  Math.max(
    0,
    Math.min(lastSeq, member.visible_to ?? lastSeq) -
      member.read_seq -
      (member.written - member.written_read),
  );

/** Messages as the API shows them, with their reactions and pins: two statements for all of them. */
export function showMessages(store: ConversationStore, rows: MessageRow[]): Message[] {
  if (rows.length === 0) return [];
  const { id: conversationId } = store.conversation();
  const seqs = JSON.stringify(rows.map(({ seq }) => seq));
  const reactions = store.sql
    .exec<{ seq: number; emoji: string; users: string }>(
      `SELECT seq, emoji, json_group_array(user_id) AS users FROM reactions
       WHERE seq IN (SELECT value FROM json_each(?)) GROUP BY seq, emoji ORDER BY seq, emoji`,
      seqs,
    )
    .toArray();
  const pinned = new Set(
    store.sql
      .exec<{ seq: number }>("SELECT seq FROM pins WHERE seq IN (SELECT value FROM json_each(?))", seqs)
      .toArray()
      .map(({ seq }) => seq),
  );
  return rows.map((row) => ({
    conversationId,
    seq: row.seq,
    id: row.id,
    clientMessageId: row.client_message_id,
    senderId: row.sender_id,
    kind: row.kind,
    text: row.text,
    replyTo: row.reply_to,
    forwarded: row.origin_at === null ? null : { senderId: row.origin_sender_id, sentAt: row.origin_at },
    hidden: false,
    attachments: Attachments.parse(JSON.parse(row.attachments)),
    mentions: Mentions.parse(JSON.parse(row.mentions)),
    reactions: reactions
      .filter(({ seq }) => seq === row.seq)
      .map(({ emoji, users }) => ({ emoji, userIds: Mentions.parse(JSON.parse(users)) })),
    pinned: pinned.has(row.seq),
    revision: row.revision,
    createdAt: row.created_at,
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
  }));
}

export function showMessage(store: ConversationStore, row: MessageRow): Message {
  const [message] = showMessages(store, [row]);
  if (message === undefined) throw new Error("One row is one message");
  return message;
}

/** Messages as one of the members sees them: of what they deleted for themself, the place alone. */
export function showMessagesTo(store: ConversationStore, member: MemberRow, rows: MessageRow[]): Message[] {
  if (rows.length === 0) return [];
  const seqs = rows.map(({ seq }) => seq);
  const hidden = store.hidden(member.user_id, seqs);
  const emptied = { text: null, attachments: [], mentions: [], reactions: [], forwarded: null, hidden: true };
  return showMessages(store, asLeft(store, member, rows)).map((message) =>
    hidden.has(message.seq) ? { ...message, ...emptied } : message,
  );
}

export function showMessageTo(store: ConversationStore, member: MemberRow, row: MessageRow): Message {
  const [message] = showMessagesTo(store, member, [row]);
  if (message === undefined) throw new Error("One row is one message");
  return message;
}

export const showMember = (row: MemberRow): Member => ({
  userId: row.user_id,
  role: row.role,
  status: row.status,
  readSeq: row.read_seq,
  deliveredSeq: row.delivered_seq,
  joinedAt: row.joined_at,
});

/** A member's own state, which nobody else sees. */
export const showOwn = (row: MemberRow): Conversation["me"] => ({
  role: row.role,
  status: row.status,
  readSeq: row.read_seq,
  deliveredSeq: row.delivered_seq,
  mutedUntil: row.muted_until,
  draft: row.draft === null ? null : Draft.parse(JSON.parse(row.draft)),
});

/** A group's title, as far as somebody who is gone knows it. */
function titleTo(
  store: ConversationStore,
  { title }: ConversationRow,
  { visible_to }: MemberRow,
): string | null {
  if (visible_to === null) return title;
  const changed = store.sql.exec(
    "SELECT 1 FROM messages WHERE seq > ? AND kind = 'system' AND text = 'title_changed' LIMIT 1",
    visible_to,
  );
  return changed.toArray().length > 0 ? null : title;
}

/** The conversation as one of its members sees it; who is gone is told nothing of what happened since. */
export function showConversation(
  store: ConversationStore,
  row: ConversationRow,
  member: MemberRow,
): Conversation {
  const isGone = member.visible_to !== null;
  const top = Math.min(row.last_seq, member.visible_to ?? row.last_seq);
  const [last] =
    top < member.visible_from
      ? []
      : store.sql.exec<MessageRow>("SELECT * FROM messages WHERE seq = ?", top).toArray();
  const [peer] =
    row.kind === "direct"
      ? store.sql
          .exec<{ user_id: string }>("SELECT user_id FROM members WHERE user_id <> ? LIMIT 1", member.user_id)
          .toArray()
      : [];
  return {
    id: row.id,
    kind: row.kind,
    title: titleTo(store, row, member),
    object:
      row.object_type === null || row.object_id === null
        ? null
        : { type: row.object_type, id: row.object_id },
    peerId: peer?.user_id ?? null,
    history: row.history,
    keepDays: isGone ? null : row.keep_days,
    suspended: row.suspended_at !== null,
    memberCount: isGone ? 0 : store.countActive(),
    lastSeq: top,
    lastActivityAt: isGone ? (last?.created_at ?? member.updated_at) : row.last_activity_at,
    lastMessage: last === undefined ? null : showMessageTo(store, member, last),
    unread: unreadOf(row.last_seq, member),
    me: showOwn(member),
    createdAt: row.created_at,
  };
}
