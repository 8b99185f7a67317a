import { AppError } from "@souk/kit/errors";
import { findScheduled } from "./schedule-message.ts";
import type { Act, ConversationStore } from "./store.ts";

/** Empties one that is sent or taken back; the row goes when devices and the archive have been told. */
export function emptyScheduled(store: ConversationStore, at: string, place: number): void {
  store.sql.exec(
    `UPDATE scheduled SET text = NULL, reply_to = NULL, attachments = '[]', mentions = '[]', failed = NULL, updated_at = ?, revision = ?
     WHERE place = ?`,
    at,
    store.revise(at),
    place,
  );
}

/**
 * Takes back what the member wrote for later.
 * @throws AppError not_found, also when it was sent or taken back
 */
export function unscheduleMessage(store: ConversationStore, act: Act, clientMessageId: string): void {
  store.active(act.userId);
  const known = findScheduled(store, act.userId, clientMessageId);
  if (known === undefined) throw new AppError("not_found", "There is no such message.");
  emptyScheduled(store, act.at, known.place);
}

/** Takes back all that somebody wrote for later whose part ends. */
export function unscheduleAll(store: ConversationStore, at: string, userId: string): void {
  const rows = store.sql.exec<{ place: number }>(
    "SELECT place FROM scheduled WHERE user_id = ? AND text IS NOT NULL",
    userId,
  );
  for (const { place } of rows.toArray()) emptyScheduled(store, at, place);
}

/** Removes the emptied ones of which devices and the archive have been told. */
export function forgetUnscheduled(store: ConversationStore): void {
  if (store.exists())
    store.sql.exec(
      "DELETE FROM scheduled WHERE text IS NULL AND revision <= (SELECT min(archived, published) FROM conversation)",
    );
}
