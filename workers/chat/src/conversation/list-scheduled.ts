import type { ScheduledMessage } from "../schemas/scheduled.ts";
import { isThere, showScheduled } from "./show-scheduled.ts";
import type { ConversationStore } from "./store.ts";
import type { ScheduledRow } from "./tables.ts";

/**
 * What the member wrote for later, as it will be sent; those that failed too.
 * @throws AppError not_found for who takes no part
 */
export function listScheduled(store: ConversationStore, userId: string): ScheduledMessage[] {
  store.active(userId);
  const { id } = store.conversation();
  return store.sql
    .exec<ScheduledRow>("SELECT * FROM scheduled WHERE user_id = ? ORDER BY send_at, place", userId)
    .toArray()
    .filter(isThere)
    .map((row) => showScheduled(id, row));
}
