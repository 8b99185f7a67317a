import { HUB_MEMBERS, REMIND_MS } from "../limits.ts";
import { unreadOf } from "./show.ts";
import type { ConversationStore } from "./store.ts";
import type { MemberRow, MessageRow } from "./tables.ts";

/** Members who have not read what somebody wrote, and were not told of it besides since they last read. */
export interface Unread {
  message: MessageRow;
  members: { userId: string; unread: number }[];
}

/**
 * Who is to be told besides of the last message: of a small conversation, and not whoever muted it.
 * @param among null for all
 */
export function findUnread(store: ConversationStore, now: Date, among: string[] | null): Unread | null {
  if (!store.exists() || store.countActive() > HUB_MEMBERS) return null;
  const { last_seq } = store.conversation();
  const [message] = store.sql
    .exec<MessageRow>("SELECT * FROM messages WHERE seq = ? AND deleted_at IS NULL", last_seq)
    .toArray();
  if (message === undefined) return null;
  const members = store.sql
    .exec<MemberRow>(
      `SELECT * FROM members WHERE status = 'active' AND user_id IS NOT ? AND read_seq < ? AND reminded_seq <= read_seq
         AND (muted_until IS NULL OR muted_until <= ?)`,
      message.sender_id,
      last_seq,
      now.toISOString(),
    )
    .toArray()
    .filter(({ user_id }) => among === null || among.includes(user_id))
    .map((member) => ({ userId: member.user_id, unread: unreadOf(last_seq, member) }))
    .filter(({ unread }) => unread > 0);
  return members.length > 0 ? { message, members } : null;
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

/** Has the object look later who has not read a message, unless it will anyway. */
export function remindLater(store: ConversationStore, at: string): void {
  const due = new Date(Date.parse(at) + REMIND_MS).toISOString();
  store.sql.exec("UPDATE conversation SET remind_at = ? WHERE remind_at IS NULL", due);
}
