import { EXPIRED_AT_ONCE } from "../limits.ts";
import { emptyMessage } from "./change-message.ts";
import type { ConversationStore } from "./store.ts";
import type { MessageRow } from "./tables.ts";

type Dated = Pick<MessageRow, "seq" | "kind" | "created_at" | "deleted_at">;

const DAY_MS = 24 * 3_600_000;

/** The next messages in their order whose time may be over: those before have been looked at. */
const next = (store: ConversationStore, count: number): Dated[] =>
  store.sql
    .exec<Dated>(
      "SELECT seq, kind, created_at, deleted_at FROM messages WHERE seq > (SELECT expired_seq FROM conversation) ORDER BY seq LIMIT ?",
      count,
    )
    .toArray();

/**
 * Empties, in their order and some in one go, the messages that are older than the conversation keeps them. The system's lines stay: they
 * say who came and went, and no member's words. A repeat changes nothing.
 * @returns whether anything was looked at, of which there may be more
 */
export function expireMessages(store: ConversationStore, at: string): boolean {
  if (!store.exists()) return false;
  const { keep_days } = store.conversation();
  if (keep_days === null) return false;
  const before = new Date(Date.parse(at) - keep_days * DAY_MS).toISOString();
  const rows = next(store, EXPIRED_AT_ONCE);
  const young = rows.findIndex(({ created_at }) => created_at > before);
  const old = young === -1 ? rows : rows.slice(0, young);
  const last = old.at(-1);
  if (last === undefined) return false;
  for (const { seq, kind, deleted_at } of old)
    if (kind === "text" && deleted_at === null) emptyMessage(store, at, seq, "expired");
  store.sql.exec("UPDATE conversation SET expired_seq = ?", last.seq);
  return true;
}

/** When the time of the next message is over, in milliseconds since 1970; null where all stay. */
export function nextExpiry(store: ConversationStore): number | null {
  if (!store.exists()) return null;
  const { keep_days } = store.conversation();
  const [row] = keep_days === null ? [] : next(store, 1);
  return keep_days === null || row === undefined ? null : Date.parse(row.created_at) + keep_days * DAY_MS;
}
