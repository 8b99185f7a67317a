import type { Act, ConversationStore } from "./store.ts";

/** Remembers whether somebody blocks the other; events come in any order, and the latest counts. */
export function block(store: ConversationStore, act: Act, blocked: boolean): void {
  if (!store.exists()) return;
  store.sql.exec(
    `INSERT INTO blocks (blocker_id, blocked, at) VALUES (?, ?, ?)
     ON CONFLICT (blocker_id) DO UPDATE SET blocked = excluded.blocked, at = excluded.at WHERE excluded.at >= blocks.at`,
    act.userId,
    blocked ? 1 : 0,
    act.at,
  );
}
