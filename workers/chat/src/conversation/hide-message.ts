import type { Message } from "../schemas/message.ts";
import { showMessageTo } from "./show.ts";
import type { Act, ConversationStore } from "./store.ts";

/**
 * Deletes a message for the member alone: others see it as ever, and it counts as unread until it is read. A repeat changes nothing.
 * @throws AppError not_found
 */
export function hideMessage(store: ConversationStore, act: Act, seq: number): Message {
  const member = store.reader(act.userId);
  const row = store.place(member, seq);
  if (!store.hidden(act.userId, [seq]).has(seq))
    store.sql.exec(
      "INSERT INTO hidden (user_id, seq, revision) VALUES (?, ?, ?)",
      act.userId,
      seq,
      store.revise(act.at),
    );
  return showMessageTo(store, member, row);
}
