import type { Conversation, SettingsChange } from "../schemas/conversation.ts";
import { appendNotice } from "./change-members.ts";
import { showConversation } from "./show.ts";
import type { Act, ConversationStore } from "./store.ts";

/** A new state of the conversation's own row that others see. */
function set(
  store: ConversationStore,
  at: string,
  column: "title" | "history" | "suspended_at",
  value: string,
): void {
  const revision = store.revise(at);
  store.sql.exec(`UPDATE conversation SET ${column} = ?, shown = ?`, value, revision);
}

/**
 * Changes a group's settings; a field left out keeps its value.
 * @throws AppError not_found; forbidden for who may not manage it
 */
export function changeSettings(store: ConversationStore, act: Act, change: SettingsChange): Conversation {
  const member = store.manager(act.userId);
  const { title, history } = store.conversation();
  if (change.title !== undefined && change.title !== title) {
    set(store, act.at, "title", change.title);
    appendNotice(store, act, "title_changed", []);
  }
  if (change.history !== undefined && change.history !== history)
    set(store, act.at, "history", change.history);
  return showConversation(store, store.conversation(), store.findMember(member.user_id) ?? member);
}

/** Lets nobody write any more. A repeat changes nothing. */
export function suspend(store: ConversationStore, at: string): void {
  if (store.conversation().suspended_at === null) set(store, at, "suspended_at", at);
}
