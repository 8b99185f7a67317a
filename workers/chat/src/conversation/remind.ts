import { HUB_MEMBERS, REMIND_MS, REMINDED_AT_ONCE } from "../limits.ts";
import { unreadOf } from "./show.ts";
import type { ConversationStore } from "./store.ts";
import type { MemberRow, MessageRow } from "./tables.ts";

/** Members who have not read what somebody wrote, and were not told of it besides since they last read. */
export interface Unread {
  message: MessageRow;
  members: { userId: string; unread: number }[];
}

/** Whom a look at the members found. */
interface Found {
  unread: Unread | null;
  /** The last one looked at; null when there are no more. */
  last: string | null;
}

/**
 * Who is to be told besides of the last message, and not whoever muted it: a page of the members.
 * @param after the member with whom the last page ended; empty to begin
 */
export function findUnread(store: ConversationStore, now: Date, after: string): Found {
  if (!store.exists()) return { unread: null, last: null };
  const { last_seq } = store.conversation();
  const [message] = store.sql
    .exec<MessageRow>("SELECT * FROM messages WHERE seq = ? AND deleted_at IS NULL", last_seq)
    .toArray();
  if (message === undefined) return { unread: null, last: null };
  const rows = store.sql
    .exec<MemberRow>(
      `SELECT * FROM members WHERE status = 'active' AND user_id IS NOT ? AND read_seq < ? AND reminded_seq <= read_seq
         AND (muted_until IS NULL OR muted_until <= ?) AND user_id > ? ORDER BY user_id LIMIT ?`,
      message.sender_id,
      last_seq,
      now.toISOString(),
      after,
      REMINDED_AT_ONCE,
    )
    .toArray();
  const members = rows
    .map((member) => ({ userId: member.user_id, unread: unreadOf(last_seq, member) }))
    .filter(({ unread }) => unread > 0);
  return {
    unread: members.length > 0 ? { message, members } : null,
    last: rows.length < REMINDED_AT_ONCE ? null : (rows.at(-1)?.user_id ?? null),
  };
}

/** The same among some members of a small conversation; of a large one nobody is told before it is due. */
export function findUnreadAmong(store: ConversationStore, now: Date, userIds: string[]): Unread | null {
  if (userIds.length === 0 || !store.exists() || store.countActive() > HUB_MEMBERS) return null;
  const { unread } = findUnread(store, now, "");
  const members = (unread?.members ?? []).filter(({ userId }) => userIds.includes(userId));
  return unread === null || members.length === 0 ? null : { ...unread, members };
}

/** Tells the log of each of them, and not again until they have read. */
export function remind(
  store: ConversationStore,
  at: string,
  { message, members }: Unread,
  newId: () => string,
): void {
  const { id } = store.conversation();
  for (const { userId, unread } of members) {
    store.sql.exec("UPDATE members SET reminded_seq = ? WHERE user_id = ?", message.seq, userId);
    store.tell("message.unread", {
      key: `unread:${userId}`,
      id: newId(),
      at,
      data: {
        userId,
        conversationId: id,
        messageId: message.id,
        seq: message.seq,
        senderId: message.sender_id,
        unread,
      },
    });
  }
}

const dueAfter = (at: string): string => new Date(Date.parse(at) + REMIND_MS).toISOString();

/** Has the object look later who has not read a message, unless it will anyway. */
export function remindLater(store: ConversationStore, at: string): void {
  store.sql.exec("UPDATE conversation SET remind_at = ? WHERE remind_at IS NULL", dueAfter(at));
}

/** All have been told of the messages up to this one; of what was written meanwhile they are told later. */
export function reminded(store: ConversationStore, at: string, upTo: number): void {
  store.sql.exec("UPDATE conversation SET remind_at = CASE WHEN last_seq > ? THEN ? END", upTo, dueAfter(at));
}
