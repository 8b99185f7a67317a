import { MEMBERS_PER_SHARD, OWN_ROOM_MEMBERS, ROOM_LINGER_MS } from "../limits.ts";
import type { Act, ConversationStore } from "./store.ts";

/** The shard that is none: the conversation's object holds the sockets itself. */
export const OWN = -1;

/** The same for the same id: a person's sockets are all on one shard, which counts them and has what they missed. */
const placeOf = (userId: string, shards: number): number =>
  Number(BigInt(`0x${userId.replaceAll("-", "").slice(-12)}`) % BigInt(shards));

/**
 * The shard of the room on which the member's sockets are, and the first message that they may see.
 * @throws AppError not_found for who takes no part
 */
export function enterRoom(store: ConversationStore, act: Act): { shard: number; visibleFrom: number } {
  const { visible_from: visibleFrom } = store.active(act.userId);
  const members = store.countActive();
  const shard =
    members <= OWN_ROOM_MEMBERS ? OWN : placeOf(act.userId, Math.ceil(members / MEMBERS_PER_SHARD));
  store.sql.exec(
    "INSERT INTO rooms (shard, entered_at) VALUES (?1, ?2) ON CONFLICT (shard) DO UPDATE SET entered_at = max(entered_at, ?2)",
    shard,
    act.at,
  );
  return { shard, visibleFrom };
}

/** Forgets a shard that has ended, unless somebody was sent to it so lately that they may be on their way. */
export function leaveShard(store: ConversationStore, shard: number, now: Date): void {
  const before = new Date(now.getTime() - ROOM_LINGER_MS).toISOString();
  store.sql.exec("DELETE FROM rooms WHERE shard = ? AND entered_at < ?", shard, before);
}
