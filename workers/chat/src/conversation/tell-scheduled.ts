import { PUBLISHED_AT_ONCE } from "../limits.ts";
import type { ChatEvent } from "../realtime.ts";
import { isThere, showScheduled } from "./show-scheduled.ts";
import type { ConversationStore } from "./store.ts";
import type { ScheduledRow } from "./tables.ts";

/** The oldest changes of what members wrote for later that devices have not been told of. */
export const unpublishedScheduled = (store: ConversationStore, published: number): ScheduledRow[] =>
  store.sql
    .exec<ScheduledRow>(
      `SELECT * FROM scheduled WHERE revision > ? ORDER BY revision LIMIT ${PUBLISHED_AT_ONCE}`,
      published,
    )
    .toArray();

/** What the writer's devices are told; it stands for all that they were told of the same one before. */
export function tellScheduled(conversationId: string, row: ScheduledRow) {
  const { user_id: userId, client_message_id: clientMessageId, revision } = row;
  const keys = `${conversationId}:s${clientMessageId}@`;
  const message = isThere(row) ? showScheduled(conversationId, row) : null;
  const data: ChatEvent = { type: "scheduled", conversationId, clientMessageId, revision, message };
  return { userId, event: { data, key: `${keys}${revision}`, supersedes: keys } };
}
