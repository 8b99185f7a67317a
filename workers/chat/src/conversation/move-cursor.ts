import type { Receipt } from "../schemas/message.ts";
import { unreadOf } from "./show.ts";
import type { Act, ConversationStore } from "./store.ts";

/**
 * Moves the member's cursor on, for all their devices: never back, never past the last message; what is read has been delivered.
 * @returns where the cursors are then
 * @throws AppError not_found for who takes no part
 */
export function moveCursor(
  store: ConversationStore,
  act: Act,
  which: "read" | "delivered",
  seq: number,
  eventId: string,
): Receipt {
  const member = store.active(act.userId);
  const { id, last_seq } = store.conversation();
  const target = Math.min(seq, last_seq);
  const readSeq = which === "read" ? Math.max(member.read_seq, target) : member.read_seq;
  const deliveredSeq = Math.max(member.delivered_seq, target, readSeq);
  if (readSeq > member.read_seq || deliveredSeq > member.delivered_seq) {
    const { own } = store.sql
      .exec<{ own: number }>(
        "SELECT count(*) AS own FROM messages WHERE sender_id = ? AND seq > ? AND seq <= ?",
        act.userId,
        member.read_seq,
        readSeq,
      )
      .one();
    store.sql.exec(
      `UPDATE members SET read_seq = ?1, delivered_seq = ?2, written_read = written_read + ?3, updated_at = ?4, revision = ?5, shown = ?5, own = ?5 WHERE user_id = ?6`,
      readSeq,
      deliveredSeq,
      own,
      act.at,
      store.revise(act.at),
      act.userId,
    );
    if (readSeq > member.read_seq)
      store.tell("message.read", {
        key: `read:${act.userId}`,
        id: eventId,
        at: act.at,
        data: { userId: act.userId, conversationId: id, seq: readSeq },
      });
  }
  return { readSeq, deliveredSeq, unread: unreadOf(last_seq, store.active(act.userId)) };
}
