import type { EarlierText } from "../schemas/message.ts";
import { editsAsLeft } from "./as-left.ts";
import { editsOf } from "./edits-of.ts";
import type { ConversationStore } from "./store.ts";

/**
 * What a message said before it was edited, the oldest first: of one that is deleted nothing.
 * @throws AppError not_found for who may not see it
 */
export function listEdits(store: ConversationStore, userId: string, seq: number): EarlierText[] {
  const member = store.reader(userId);
  const row = store.message(member, seq);
  const edits = editsOf(store, [seq]).map(({ text, writtenAt }) => ({ text, writtenAt }));
  return editsAsLeft(member, row, edits);
}
