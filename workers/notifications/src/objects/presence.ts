import { REALTIME } from "@souk/kit/realtime/limits";
import type { Peer } from "@souk/kit/realtime/peer";
import type { PresenceState } from "@souk/kit/rpc";
import { MAX_WATCHERS, SETTLE_MS, TOLD_AT_ONCE } from "../limits.ts";

/** A device, by what it says of itself: times in milliseconds. */
export type Device = Pick<Peer, "heardAt" | "idleSince">;

/** When the last device left, and the last one that somebody used. */
export interface Left {
  at: number;
  activeAt: number;
}

/** What holds for a person, and until when if their devices say nothing more. */
export interface Settled {
  status: PresenceState["status"];
  lastSeenAt: number | null;
  until: number;
}

const NEVER = Number.NEGATIVE_INFINITY;
const latest = (times: number[]): number => Math.max(NEVER, ...times);

/**
 * A person over all their devices: better at once, worse only when it has lasted, so that a short cut shows nowhere. Signs of life are the
 * truth: a device without any is gone, whatever its socket says.
 */
export function settle(devices: Device[], left: Left | undefined, now: number): Settled {
  const alive = devices.filter(({ heardAt }) => heardAt > now - REALTIME.silentMs);
  const heardUntil = ({ heardAt }: Device): number => heardAt + REALTIME.silentMs;
  const activeUntil = latest([
    ...alive.map((one) => Math.min(heardUntil(one), (one.idleSince ?? Infinity) + SETTLE_MS)),
    (left?.activeAt ?? NEVER) + SETTLE_MS,
  ]);
  const thereUntil = latest([...alive.map(heardUntil), (left?.at ?? NEVER) + SETTLE_MS]);
  if (activeUntil > now) return { status: "online", lastSeenAt: null, until: activeUntil };
  if (thereUntil > now) return { status: "away", lastSeenAt: null, until: thereUntil };
  const seen = latest([left?.at ?? NEVER, ...devices.map(({ heardAt }) => heardAt)]);
  return { status: "offline", lastSeenAt: seen === NEVER ? null : seen, until: Infinity };
}

/** How far a leaving device moves what is known of those that left. */
export function leave(left: Left | undefined, { heardAt, idleSince }: Device, now: number): Left {
  const at = heardAt > now - REALTIME.silentMs ? now : heardAt;
  const activeAt = Math.min(at, idleSince ?? at);
  return { at: latest([left?.at ?? NEVER, at]), activeAt: latest([left?.activeAt ?? NEVER, activeAt]) };
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS device_left (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL, active_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS watchers (
    watcher_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, until INTEGER NOT NULL, told TEXT NOT NULL) WITHOUT ROWID;
`;

/** What a hub keeps of its person's presence: when devices left, and who watches. One that keeps nothing makes no tables by being read. */
export class PresenceStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  left(): Left | undefined {
    if (!this.#isMade()) return undefined;
    return this.#sql
      .exec<{ at: number; activeAt: number }>("SELECT at, active_at AS activeAt FROM device_left")
      .toArray()[0];
  }

  keepLeft({ at, activeAt }: Left): void {
    this.#sql.exec(SCHEMA);
    this.#sql.exec("INSERT OR REPLACE INTO device_left (id, at, active_at) VALUES (1, ?, ?)", at, activeAt);
  }

  /** Somebody watches the hub's person until a time, and was told this now. */
  watch(watch: { userId: string; watcherId: string; until: number; told: Settled["status"] }): void {
    this.#sql.exec(SCHEMA);
    this.#sql.exec(
      "INSERT OR REPLACE INTO watchers (watcher_id, user_id, until, told) VALUES (?, ?, ?, ?)",
      watch.watcherId,
      watch.userId,
      watch.until,
      watch.told,
    );
    this.#sql.exec(
      "DELETE FROM watchers WHERE watcher_id IN (SELECT watcher_id FROM watchers ORDER BY until DESC LIMIT -1 OFFSET ?)",
      MAX_WATCHERS,
    );
  }

  /** @param watcherId null for all */
  unwatch(watcherId: string | null): void {
    if (this.#isMade()) this.#sql.exec("DELETE FROM watchers WHERE ?1 IS NULL OR watcher_id = ?1", watcherId);
  }

  /** The hub's person, if somebody still watches them. */
  watched(now: number): string | null {
    if (!this.#isMade()) return null;
    this.#sql.exec("DELETE FROM watchers WHERE until <= ?", now);
    const [watch] = this.#sql.exec<{ user_id: string }>("SELECT user_id FROM watchers LIMIT 1").toArray();
    return watch?.user_id ?? null;
  }

  /** Some of those who have not been told this. */
  untold(status: Settled["status"]): string[] {
    return this.#sql
      .exec<{ watcher_id: string }>(
        "SELECT watcher_id FROM watchers WHERE told <> ? LIMIT ?",
        status,
        TOLD_AT_ONCE,
      )
      .toArray()
      .map(({ watcher_id }) => watcher_id);
  }

  told(watcherId: string, status: Settled["status"]): void {
    this.#sql.exec("UPDATE watchers SET told = ? WHERE watcher_id = ?", status, watcherId);
  }

  #isMade(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'watchers'").toArray().length > 0;
  }
}
