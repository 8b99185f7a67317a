import { z } from "zod";
import { CACHE_LIMITS, longestSeconds } from "../cache-limits.ts";
import { ALL } from "../control-snapshot.ts";
import { CONTROL_LIMITS as LIMITS } from "../limits.ts";
import { ROUTING_TABLE } from "../routing-table.ts";
import { Control, NO_SETTINGS, type ControlChange, type Settings } from "./settings.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS control (only INTEGER PRIMARY KEY CHECK (only = 1), document TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS purges (tag TEXT PRIMARY KEY, at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS purges_by_time ON purges (at)`;

/** How long anything is kept that a route declares. */
const LONGEST_KEPT_MS =
  Math.max(0, ...ROUTING_TABLE.map(({ cache }) => (cache === undefined ? 0 : longestSeconds(cache)))) * 1000 +
  CACHE_LIMITS.clockSkewMs;

const UNTOUCHED: Control = { ...NO_SETTINGS, version: 0, changedAt: null, changedBy: null };

/** What admins set and purged, in the SQLite of the object `Control`. */
export class ControlStore {
  readonly #sql: SqlStorage;
  #document: Control;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
    const [row] = sql.exec<{ document: string }>("SELECT document FROM control").toArray();
    // What a newer version added is not in what an older one stored.
    const stored: object = row === undefined ? {} : z.looseObject({}).parse(JSON.parse(row.document));
    this.#document = Control.parse({ ...UNTOUCHED, ...stored });
  }

  document(): Control {
    return this.#document;
  }

  settings(): Settings {
    const { maintenance, closedRoutes, flags, quotas } = this.#document;
    return { maintenance, closedRoutes, flags, quotas };
  }

  /** Replaces what the change names, if it was made from the current version. Quotas that have ended are dropped. @returns null if it was not */
  change({ version, ...named }: ControlChange, userId: string, now: Date): Control | null {
    if (version !== this.#document.version) return null;
    const { maintenance, closedRoutes, flags, quotas } = { ...this.settings(), ...named };
    const document: Control = {
      maintenance: maintenance ?? null,
      closedRoutes: closedRoutes ?? [],
      flags: flags ?? {},
      quotas: (quotas ?? []).filter(({ until }) => Date.parse(until) > now.getTime()),
      version: version + 1,
      changedAt: now.toISOString(),
      changedBy: userId,
    };
    this.#sql.exec(
      `INSERT INTO control (only, document) VALUES (1, ?)
       ON CONFLICT (only) DO UPDATE SET document = excluded.document`,
      JSON.stringify(document),
    );
    this.#document = document;
    return document;
  }

  /** Notes that what is kept under these tags counts no more. Of too many tags, the oldest become a purge of everything before them. */
  purge(tags: readonly string[], now: number): void {
    for (const tag of tags) this.#note(tag, now);
    this.#forget(now);
    const [last] = this.#sql
      .exec<{ at: number }>(
        "SELECT at FROM purges WHERE tag <> ? ORDER BY at DESC LIMIT 1 OFFSET ?",
        ALL,
        LIMITS.purges,
      )
      .toArray();
    if (last === undefined) return;
    this.#note(ALL, last.at);
    this.#sql.exec("DELETE FROM purges WHERE tag <> ? AND at <= ?", ALL, last.at);
  }

  /** When each tag was purged. */
  purges(now: number): Record<string, number> {
    this.#forget(now);
    const rows = this.#sql.exec<{ tag: string; at: number }>("SELECT tag, at FROM purges").toArray();
    return Object.fromEntries(rows.map(({ tag, at }) => [tag, at]));
  }

  #note(tag: string, at: number): void {
    this.#sql.exec(
      `INSERT INTO purges (tag, at) VALUES (?, ?)
       ON CONFLICT (tag) DO UPDATE SET at = max(at, excluded.at)`,
      tag,
      at,
    );
  }

  /** A purge is over when nothing that was kept before it is given any more. */
  #forget(now: number): void {
    this.#sql.exec("DELETE FROM purges WHERE at < ?", now - LONGEST_KEPT_MS);
  }
}
