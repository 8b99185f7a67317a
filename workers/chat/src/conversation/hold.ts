import { AppError } from "@souk/kit/errors";
import type { LegalHold } from "../schemas/legal-hold.ts";
import type { Act, ConversationStore } from "./store.ts";

/**
 * Under what hold the conversation is.
 * @throws AppError not_found when it is under none
 */
export function showHold(store: ConversationStore): LegalHold {
  const { id, hold_reason, held_by, held_since } = store.conversation();
  if (hold_reason === null || held_by === null || held_since === null)
    throw new AppError("not_found", "The conversation is not held.");
  return { conversationId: id, reason: hold_reason, heldBy: held_by, heldSince: held_since };
}

/**
 * Has what is taken away be kept from now on; of one that is held already who and since when stay, and the latest reason counts.
 * @throws AppError not_found when there is no such conversation
 */
export function hold(store: ConversationStore, { userId, at }: Act, reason: string): LegalHold {
  if (store.conversation().hold_reason !== reason) {
    // For the directory alone: devices are told of nothing that others see.
    store.revise(at);
    store.sql.exec(
      "UPDATE conversation SET hold_reason = ?, held_by = coalesce(held_by, ?), held_since = coalesce(held_since, ?)",
      reason,
      userId,
      at,
    );
  }
  return showHold(store);
}

/**
 * Ends the hold: what was kept goes.
 * @throws AppError not_found when it is not held
 */
export function endHold(store: ConversationStore, at: string): void {
  showHold(store);
  store.revise(at);
  store.sql.exec("UPDATE conversation SET hold_reason = NULL, held_by = NULL, held_since = NULL");
  store.sql.exec("DELETE FROM held");
}
