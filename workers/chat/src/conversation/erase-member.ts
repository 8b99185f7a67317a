import { emptyMessage } from "./change-message.ts";
import { endPart } from "./change-members.ts";
import { eraseScheduled } from "./erase-scheduled.ts";
import type { ConversationStore } from "./store.ts";
import type { MessageRow } from "./tables.ts";

/** Takes a person out of the conversation: what they wrote, also where others forwarded it, their reactions, and that they took part. A repeat changes nothing. */
export function eraseMember(store: ConversationStore, userId: string, at: string): void {
  if (!store.exists()) return;
  const written = store.sql.exec<MessageRow>("SELECT * FROM messages WHERE sender_id = ?", userId).toArray();
  for (const { seq, kind } of written) {
    // The system's lines are nobody's words, and still say what happened.
    const revision = kind === "text" ? emptyMessage(store, at, seq, "erased").revision : store.revise(at);
    store.sql.exec(
      "UPDATE messages SET sender_id = NULL, client_message_id = NULL, revision = ? WHERE seq = ?",
      revision,
      seq,
    );
  }
  const copied = store.sql.exec<MessageRow>("SELECT * FROM messages WHERE origin_sender_id = ?", userId);
  for (const { seq } of copied.toArray()) emptyMessage(store, at, seq, "erased");
  store.sql.exec("DELETE FROM hidden WHERE user_id = ?", userId);
  eraseScheduled(store, userId, at);
  const touched = store.sql
    .exec<{ seq: number }>(
      `SELECT seq FROM reactions WHERE user_id = ?1
       UNION SELECT seq FROM messages, json_each(messages.mentions) AS mention WHERE mention.value = ?1`,
      userId,
    )
    .toArray();
  store.sql.exec("DELETE FROM reactions WHERE user_id = ?", userId);
  for (const { seq } of touched)
    store.sql.exec(
      `UPDATE messages SET revision = ?1, mentions = (SELECT json_group_array(value) FROM json_each(mentions) WHERE value <> ?2) WHERE seq = ?3`,
      store.revise(at),
      userId,
      seq,
    );
  store.sql.exec("UPDATE pins SET pinned_by = '' WHERE pinned_by = ?", userId);
  store.sql.exec("DELETE FROM blocks WHERE blocker_id = ?", userId);
  store.sql.exec(
    "DELETE FROM events WHERE key IN (?, ?, ?)",
    `read:${userId}`,
    `unread:${userId}`,
    `requested:${userId}`,
  );
  const member = store.findMember(userId);
  if (member === undefined) return;
  if (member.status === "active") endPart(store, at, member, "left");
  store.sql.exec("DELETE FROM members WHERE user_id = ?", userId);
}
