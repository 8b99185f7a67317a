import type { Message } from "../schemas/message.ts";
import { showMessagesTo } from "./show.ts";
import type { ConversationStore } from "./store.ts";
import type { MessageRow } from "./tables.ts";

/** Where to read from, and which way: messages before it, newest first, or after it, oldest first. */
export type From = { before: number | null } | { after: number };

/**
 * So many messages that the caller may see.
 * @throws AppError not_found for who takes no part
 */
export function readHistory(store: ConversationStore, userId: string, from: From, limit: number): Message[] {
  const member = store.reader(userId);
  const low = member.visible_from;
  const high = member.visible_to ?? store.conversation().last_seq;
  const rows =
    "after" in from
      ? store.sql.exec<MessageRow>(
          "SELECT * FROM messages WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
          Math.max(low, from.after + 1),
          high,
          limit,
        )
      : store.sql.exec<MessageRow>(
          "SELECT * FROM messages WHERE seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?",
          low,
          Math.min(high, (from.before ?? high + 1) - 1),
          limit,
        );
  return showMessagesTo(store, member, rows.toArray());
}
