import { AppError } from "@souk/kit/errors";
import { CHANGE_WINDOW_MS, MAX_EDITS } from "../limits.ts";
import type { Message } from "../schemas/message.ts";
import { editsOf } from "./edits-of.ts";
import { keepHeld, type WhyHeld } from "./keep-held.ts";
import { requireWritable } from "./send-message.ts";
import { showMessage } from "./show.ts";
import type { Act, ConversationStore } from "./store.ts";
import type { MessageRow } from "./tables.ts";

/** @throws AppError conflict when the time for it is over */
function requireInTime({ created_at }: MessageRow, at: string): void {
  if (Date.parse(at) - Date.parse(created_at) > CHANGE_WINDOW_MS)
    throw new AppError("conflict", "A message can be changed for a day after it was sent.");
}

/**
 * Edits one of the member's own messages; what it said before is kept, for all who may read it.
 * @throws AppError not_found; forbidden for another's, also where it was forwarded; conflict when it is deleted, or too old; limit_reached when it was edited too often
 */
export function editMessage(store: ConversationStore, act: Act, seq: number, text: string): Message {
  const member = store.active(act.userId);
  const row = store.message(member, seq);
  requireWritable(store, member);
  if (row.sender_id !== act.userId || row.kind !== "text")
    throw new AppError("forbidden", "Only who wrote a message may edit it.");
  if (row.deleted_at !== null) throw new AppError("conflict", "The message was deleted.");
  if (row.origin_at !== null)
    throw new AppError("forbidden", "What another wrote stays as it was: delete it instead.");
  if (row.text === text) return showMessage(store, row);
  requireInTime(row, act.at);
  if (editsOf(store, [seq]).length >= MAX_EDITS)
    throw new AppError("limit_reached", `A message can be edited ${MAX_EDITS} times.`);
  keepHeld(store, seq, "edited", act.at);
  store.sql.exec(
    "INSERT INTO edits (seq, revision, text, at) VALUES (?, ?, ?, ?)",
    seq,
    row.revision,
    row.text ?? "",
    row.edited_at ?? row.created_at,
  );
  const edited = store.sql
    .exec<MessageRow>(
      "UPDATE messages SET text = ?, edited_at = ?, revision = ? WHERE seq = ? RETURNING *",
      text,
      act.at,
      store.revise(act.at),
      seq,
    )
    .one();
  return showMessage(store, edited);
}

/**
 * Deletes a message for everybody: its place stays, what it said goes. Its sender may for a while, an owner or admin of a group always.
 * @throws AppError not_found; forbidden for another's; conflict when it is too old
 */
export function deleteMessage(store: ConversationStore, act: Act, seq: number): Message {
  const member = store.active(act.userId);
  const row = store.message(member, seq);
  if (row.deleted_at !== null) return showMessage(store, row);
  const manages = store.conversation().kind !== "direct" && member.role !== "member";
  if (row.kind !== "text" || (row.sender_id !== act.userId && !manages))
    throw new AppError("forbidden", "Only who wrote a message may delete it.");
  if (!manages) requireInTime(row, act.at);
  return showMessage(store, emptyMessage(store, act.at, seq, "deleted"));
}

/** Takes away what a message said, and all that hung on it; a legal hold keeps what it said. */
export function emptyMessage(store: ConversationStore, at: string, seq: number, why: WhyHeld): MessageRow {
  keepHeld(store, seq, why, at);
  store.sql.exec("DELETE FROM edits WHERE seq = ?", seq);
  store.sql.exec("DELETE FROM reactions WHERE seq = ?", seq);
  store.sql.exec("DELETE FROM pins WHERE seq = ?", seq);
  return store.sql
    .exec<MessageRow>(
      "UPDATE messages SET text = NULL, attachments = '[]', mentions = '[]', origin_sender_id = NULL, origin_at = NULL, deleted_at = ?, revision = ? WHERE seq = ? RETURNING *",
      at,
      store.revise(at),
      seq,
    )
    .one();
}
