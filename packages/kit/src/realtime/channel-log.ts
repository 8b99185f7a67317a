import { z } from "zod";
import type { Position } from "./frames.ts";
import { REALTIME } from "./limits.ts";

/** One event as it is kept: `data` is JSON. */
export interface Logged {
  offset: number;
  data: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS channels (channel TEXT PRIMARY KEY, epoch TEXT NOT NULL, top INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS channel_log (
    channel TEXT NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL, key TEXT,
    PRIMARY KEY (channel, offset)
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS channel_log_key ON channel_log (channel, key) WHERE key IS NOT NULL;
`;

const Known = z.object({ epoch: z.string(), top: z.number() });
const newEpoch = (): string => crypto.randomUUID().slice(0, 8);

/** What of a channel is kept. */
export interface Window {
  events: number;
  bytes: number;
  ageMs: number;
}

/**
 * The newest events of a Durable Object's channels, in its SQLite: bounded by number, age and, for one catching up, by size. A channel
 * begins with the first `top`; from then on each event gets the next offset. Times are in milliseconds.
 */
export class ChannelLog {
  readonly #sql: SqlStorage;
  readonly #window: Window;
  #made: boolean;
  /** Where channels are, as stored: their object is the only one that moves them. */
  readonly #tops = new Map<string, Position>();

  constructor(sql: SqlStorage, window: Window = REALTIME.log) {
    this.#sql = sql;
    this.#window = window;
    this.#made = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'channels'").toArray().length > 0;
  }

  /** Where the channel is; it begins now if it has not yet. */
  top(channel: string): Position {
    const known = this.#known(channel);
    if (known !== undefined) return known;
    if (!this.#made) this.#sql.exec(SCHEMA);
    this.#made = true;
    const epoch = newEpoch();
    this.#sql.exec("INSERT INTO channels (channel, epoch, top) VALUES (?, ?, 0)", channel, epoch);
    return this.#move(channel, { epoch, offset: 0 });
  }

  /** Whether the channel has begun. What happens in one that has not, nobody can ask for later. */
  has(channel: string): boolean {
    return this.#known(channel) !== undefined;
  }

  /**
   * Adds an event, unless one with its key is still kept.
   * @param data JSON
   * @returns its position; null for a repeat
   */
  append(channel: string, data: string, now: number, key?: string): Position | null {
    const { epoch, offset: top } = this.top(channel);
    const offset = top + 1;
    const added = this.#sql.exec(
      "INSERT INTO channel_log (channel, offset, at, data, key) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING offset",
      channel,
      offset,
      now,
      data,
      key ?? null,
    );
    if (added.toArray().length === 0) return null;
    this.#sql.exec("UPDATE channels SET top = ? WHERE channel = ?", offset, channel);
    if (offset > this.#window.events)
      this.#sql.exec(
        "DELETE FROM channel_log WHERE channel = ? AND offset <= ?",
        channel,
        offset - this.#window.events,
      );
    return this.#move(channel, { epoch, offset });
  }

  /** Keeps, in the places of all events whose keys begin so, this instead. @param data JSON */
  replace(channel: string, keys: string, data: string): void {
    this.#sql.exec(
      "UPDATE channel_log SET data = ?1 WHERE channel = ?2 AND key >= ?3 AND key < ?3 || char(1114111)",
      data,
      channel,
      keys,
    );
  }

  /** All events after a position, in order; null when one of them is not kept any more, or the position is none of this channel's. */
  since(channel: string, { epoch, offset }: Position, now: number): Logged[] | null {
    const known = this.#known(channel);
    if (known === undefined || known.epoch !== epoch || offset > known.offset) return null;
    const missed = known.offset - offset;
    if (missed > this.#window.events) return null;
    const rows = this.#sql
      .exec<{ offset: number; at: number; data: string }>(
        "SELECT offset, at, data FROM channel_log WHERE channel = ? AND offset > ? ORDER BY offset",
        channel,
        offset,
      )
      .toArray();
    const size = rows.reduce((sum, { data }) => sum + data.length, 0);
    const whole = rows.length === missed && size <= this.#window.bytes;
    return whole && rows.every(({ at }) => at > now - this.#window.ageMs) ? rows : null;
  }

  /** The newest event's data. */
  latest(channel: string): string | undefined {
    if (!this.#made) return undefined;
    const rows = this.#sql.exec<{ data: string }>(
      "SELECT data FROM channel_log WHERE channel = ? ORDER BY offset DESC LIMIT 1",
      channel,
    );
    return rows.toArray()[0]?.data;
  }

  /** Removes what is too old. Returns whether anything is left. */
  trim(now: number): boolean {
    if (!this.#made) return false;
    this.#sql.exec("DELETE FROM channel_log WHERE at <= ?", now - this.#window.ageMs);
    return this.#sql.exec("SELECT 1 FROM channel_log LIMIT 1").toArray().length > 0;
  }

  /** Ends all channels. Their next epochs are others, so that nobody takes up where an old one ended. */
  end(): void {
    if (this.#made) this.#sql.exec("DROP TABLE channel_log; DROP TABLE channels;");
    this.#made = false;
    this.#tops.clear();
  }

  #move(channel: string, position: Position): Position {
    this.#tops.set(channel, position);
    return position;
  }

  #known(channel: string): Position | undefined {
    if (!this.#made) return undefined;
    const top = this.#tops.get(channel);
    if (top !== undefined) return top;
    const [row] = this.#sql
      .exec("SELECT epoch, top FROM channels WHERE channel = ?", channel)
      .toArray()
      .map((found) => Known.parse(found));
    return row && this.#move(channel, { epoch: row.epoch, offset: row.top });
  }
}
