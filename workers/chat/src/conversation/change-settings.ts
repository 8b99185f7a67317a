import type { Conversation, SettingsChange } from "../schemas/conversation.ts";
import { appendNotice } from "./change-members.ts";
import { requireWritable } from "./send-message.ts";
import { showConversation } from "./show.ts";
import type { Act, ConversationStore } from "./store.ts";
import type { MemberRow } from "./tables.ts";

/** A new state of the conversation's own row that others see. */
function set(
  store: ConversationStore,
  at: string,
  column: "title" | "history" | "suspended_at" | "keep_days",
  value: string | number | null,
): void {
  const revision = store.revise(at);
  store.sql.exec(`UPDATE conversation SET ${column} = ?, shown = ?`, value, revision);
}

/**
 * Who changes these: a group's are for its owner and admins, how long a direct conversation is kept is for either.
 * @throws AppError not_found; forbidden for who may not
 */
function setter(store: ConversationStore, userId: string, change: SettingsChange): MemberRow {
  const { title, history, keepDays } = change;
  const member = store.active(userId);
  const isEithers = keepDays !== undefined && title === undefined && history === undefined;
  if (!isEithers || store.conversation().kind !== "direct") store.manager(userId);
  // Whom the other blocks, or who is suspended, does not make what was written go.
  if (keepDays !== undefined) requireWritable(store, member);
  return member;
}

/**
 * Changes a conversation's settings; a field left out keeps its value. What is older than it is to be kept goes with the next alarm.
 * @throws AppError not_found; forbidden for who may not
 */
export function changeSettings(store: ConversationStore, act: Act, change: SettingsChange): Conversation {
  const member = setter(store, act.userId, change);
  const { title, history, keep_days } = store.conversation();
  if (change.title !== undefined && change.title !== title) {
    set(store, act.at, "title", change.title);
    appendNotice(store, act, "title_changed", []);
  }
  if (change.history !== undefined && change.history !== history)
    set(store, act.at, "history", change.history);
  if (change.keepDays !== undefined && change.keepDays !== keep_days) {
    set(store, act.at, "keep_days", change.keepDays);
    appendNotice(store, act, "retention_changed", []);
  }
  return showConversation(store, store.conversation(), store.findMember(member.user_id) ?? member);
}

/** Lets nobody write any more. A repeat changes nothing. */
export function suspend(store: ConversationStore, at: string): void {
  if (store.conversation().suspended_at === null) set(store, at, "suspended_at", at);
}
