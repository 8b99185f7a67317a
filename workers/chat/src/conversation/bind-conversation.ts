import { AppError } from "@souk/kit/errors";
import { uuidv7 } from "@souk/kit/ids";
import { addMember, type Founding, foundConversation } from "./create-conversation.ts";
import { appendMessage } from "./send-message.ts";
import type { ConversationStore } from "./store.ts";

/** Makes the conversation about an object, or brings in who is not there yet. */
export function bindConversation(store: ConversationStore, at: string, founding: Founding): void {
  if (!store.exists()) foundConversation(store, at, founding);
  for (const member of founding.members)
    if (store.findMember(member.userId) === undefined) addMember(store, at, member);
}

/**
 * Writes a line of the system's, once for its key.
 * @returns its place
 * @throws AppError not_found when there is no such conversation
 */
export function postNotice(
  store: ConversationStore,
  at: string,
  { key, text }: { key: string; text: string },
): number {
  if (store.conversation().kind !== "object")
    throw new AppError("not_found", "There is no conversation about this.");
  const [earlier] = store.sql
    .exec<{ seq: number }>("SELECT seq FROM messages WHERE sender_id IS NULL AND client_message_id = ?", key)
    .toArray();
  if (earlier !== undefined) return earlier.seq;
  return appendMessage(store, at, {
    id: uuidv7(new Date(at)),
    sender_id: null,
    client_message_id: key,
    kind: "system",
    text,
    reply_to: null,
    attachments: "[]",
    mentions: "[]",
  }).seq;
}
