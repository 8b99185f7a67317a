import { AppError } from "@souk/kit/errors";
import { MAX_EMOJIS, MAX_PINS } from "../limits.ts";
import type { Message } from "../schemas/message.ts";
import { asLeft } from "./as-left.ts";
import { requireWritable } from "./send-message.ts";
import { showMessage, showMessages } from "./show.ts";
import type { Act, ConversationStore } from "./store.ts";
import type { MessageRow } from "./tables.ts";

const count = (store: ConversationStore, query: string, ...values: SqlStorageValue[]): number =>
  store.sql.exec<{ count: number }>(query, ...values).one().count;

/** A message that the member may put a mark on. @throws AppError not_found, forbidden; conflict when it is deleted */
function markable(store: ConversationStore, act: Act, seq: number): MessageRow {
  const member = store.active(act.userId);
  const row = store.message(member, seq);
  requireWritable(store, member);
  if (row.deleted_at !== null) throw new AppError("conflict", "The message was deleted.");
  return row;
}

/** The message as it is after the mark was put or taken, with a new revision when that changed something. */
function marked(store: ConversationStore, at: string, row: MessageRow, changed: boolean): Message {
  if (!changed) return showMessage(store, row);
  const revised = store.sql
    .exec<MessageRow>("UPDATE messages SET revision = ? WHERE seq = ? RETURNING *", store.revise(at), row.seq)
    .one();
  return showMessage(store, revised);
}

/**
 * Puts or takes back the member's reaction; a repeat changes nothing.
 * @throws AppError not_found, forbidden, conflict; limit_reached when the message has as many emojis as it may
 */
export function react(
  store: ConversationStore,
  act: Act,
  seq: number,
  reaction: { emoji: string; on: boolean },
): Message {
  const row = markable(store, act, seq);
  const { emoji, on } = reaction;
  if (!on) {
    const { rowsWritten } = store.sql.exec(
      "DELETE FROM reactions WHERE seq = ? AND emoji = ? AND user_id = ?",
      seq,
      emoji,
      act.userId,
    );
    return marked(store, act.at, row, rowsWritten > 0);
  }
  const others = "SELECT count(DISTINCT emoji) AS count FROM reactions WHERE seq = ? AND emoji <> ?";
  if (count(store, others, seq, emoji) >= MAX_EMOJIS)
    throw new AppError("limit_reached", "This message has many reactions already.");
  const { rowsWritten } = store.sql.exec(
    "INSERT INTO reactions (seq, emoji, user_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    seq,
    emoji,
    act.userId,
  );
  return marked(store, act.at, row, rowsWritten > 0);
}

/**
 * Pins a message for all, or takes the pin away: in a group its owner and admins, else both. A repeat changes nothing.
 * @throws AppError not_found, forbidden, conflict; limit_reached when as many are pinned as may be
 */
export function pin(store: ConversationStore, act: Act, seq: number, on: boolean): Message {
  const row = markable(store, act, seq);
  if (store.conversation().kind !== "direct") store.manager(act.userId);
  if (!on) {
    const { rowsWritten } = store.sql.exec("DELETE FROM pins WHERE seq = ?", seq);
    return marked(store, act.at, row, rowsWritten > 0);
  }
  if (count(store, "SELECT count(*) AS count FROM pins WHERE seq <> ?", seq) >= MAX_PINS)
    throw new AppError("limit_reached", `At most ${MAX_PINS} messages can be pinned.`);
  const { rowsWritten } = store.sql.exec(
    "INSERT INTO pins (seq, pinned_by, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    seq,
    act.userId,
    act.at,
  );
  return marked(store, act.at, row, rowsWritten > 0);
}

/** The pinned messages that the member may see and has not deleted for themself, in their order. @throws AppError not_found */
export function listPins(store: ConversationStore, userId: string): Message[] {
  const member = store.reader(userId);
  const rows = store.sql.exec<MessageRow>(
    `SELECT messages.* FROM pins JOIN messages USING (seq) WHERE seq BETWEEN ? AND ?
       AND seq NOT IN (SELECT seq FROM hidden WHERE user_id = ?) ORDER BY seq`,
    member.visible_from,
    member.visible_to ?? Number.MAX_SAFE_INTEGER,
    userId,
  );
  return showMessages(store, asLeft(store, member, rows.toArray()));
}
