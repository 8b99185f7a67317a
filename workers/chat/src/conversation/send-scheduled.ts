import { SCHEDULE_FAILURES } from "@souk/db/schema/chat";
import { appErrorOf } from "@souk/kit/errors";
import { SCHEDULED_AT_ONCE } from "../limits.ts";
import { remindLater } from "./remind.ts";
import { earlierMessage, sendMessage, type MessageIds } from "./send-message.ts";
import { isThere, showScheduled } from "./show-scheduled.ts";
import type { ConversationStore } from "./store.ts";
import type { ScheduledRow } from "./tables.ts";
import { emptyScheduled } from "./unschedule.ts";

export type DueRow = ScheduledRow & { text: string };

/** What is due, in order of its time and then of its making, as many as one go sends. */
export const findDue = (store: ConversationStore, at: string): DueRow[] =>
  store.sql
    .exec<ScheduledRow>(
      `SELECT * FROM scheduled WHERE text IS NOT NULL AND failed IS NULL AND send_at <= ? ORDER BY send_at, place
       LIMIT ${SCHEDULED_AT_ONCE}`,
      at,
    )
    .toArray()
    .filter(isThere);

/** When the next is due; null when nothing waits. */
export function nextDue(store: ConversationStore): string | null {
  const [next] = store.sql
    .exec<{ send_at: string }>(
      "SELECT send_at FROM scheduled WHERE text IS NOT NULL AND failed IS NULL ORDER BY send_at, place LIMIT 1",
    )
    .toArray();
  return next?.send_at ?? null;
}

/**
 * Sends what is due as if it were written now, and lets it go: to be called in one transaction. Where its writer has sent a message with its
 * id meanwhile, that is the one.
 * @throws AppError what sending it is refused with
 */
export function sendScheduled(store: ConversationStore, at: string, row: DueRow, ids: MessageIds): void {
  const { conversationId: _, text, replyTo, attachments, mentions } = showScheduled("", row);
  const { user_id: userId, client_message_id: clientMessageId } = row;
  if (earlierMessage(store, store.active(userId), clientMessageId) === undefined) {
    const input = { clientMessageId, text, attachments, mentions, ...(replyTo !== null && { replyTo }) };
    sendMessage(store, { userId, at }, input, ids);
    remindLater(store, at);
  }
  emptyScheduled(store, at, row.place);
}

/** Keeps one that was refused, with the code of that: it is not tried again until its writer changes it. */
export function keepFailed(store: ConversationStore, at: string, { place }: DueRow, error: unknown): void {
  const code = appErrorOf(error)?.code;
  store.sql.exec(
    "UPDATE scheduled SET failed = ?, updated_at = ?, revision = ? WHERE place = ?",
    SCHEDULE_FAILURES.find((known) => known === code) ?? "internal",
    at,
    store.revise(at),
    place,
  );
}
