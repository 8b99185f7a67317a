import type { Unread } from "../schemas.ts";

/** How many admissions to rooms a hub remembers. */
const ROOMS = 1000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS tickets (hash TEXT PRIMARY KEY, session_id TEXT NOT NULL, expires_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS rooms (seq INTEGER PRIMARY KEY, session_id TEXT NOT NULL, room TEXT NOT NULL, UNIQUE (session_id, room));
  CREATE TABLE IF NOT EXISTS unread (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL, as_of TEXT NOT NULL);
`;

/**
 * What a hub keeps besides its channels and the ended sessions: tickets, rooms, the unread count. Anyone can name a
 * hub in a ticket, and one that keeps nothing must not come to keep tables: reads make none. Times are in milliseconds.
 */
export class HubStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Keeps a ticket's hash until it expires; expired ones go. */
  keepTicket(ticket: { hash: string; sessionId: string; now: number; expiresAt: number }): void {
    const sql = this.#made();
    sql.exec("DELETE FROM tickets WHERE expires_at <= ?", ticket.now);
    sql.exec(
      "INSERT INTO tickets (hash, session_id, expires_at) VALUES (?, ?, ?)",
      ticket.hash,
      ticket.sessionId,
      ticket.expiresAt,
    );
  }

  /** Uses a ticket up. Returns the session it was made for; null when it is unknown, used or expired. */
  redeemTicket(hash: string, now: number): string | null {
    if (!this.#has("tickets")) return null;
    const [ticket] = this.#sql
      .exec<{ session_id: string; expires_at: number }>(
        "DELETE FROM tickets WHERE hash = ? RETURNING session_id, expires_at",
        hash,
      )
      .toArray();
    return ticket !== undefined && ticket.expires_at > now ? ticket.session_id : null;
  }

  /** Remembers that the session was admitted to a room. */
  enterRoom(sessionId: string, room: string): void {
    const sql = this.#made();
    sql.exec("INSERT OR REPLACE INTO rooms (session_id, room) VALUES (?, ?)", sessionId, room);
    sql.exec("DELETE FROM rooms WHERE seq <= (SELECT max(seq) FROM rooms) - ?", ROOMS);
  }

  leaveRooms(sessionId: string): void {
    if (this.#has("rooms")) this.#sql.exec("DELETE FROM rooms WHERE session_id = ?", sessionId);
  }

  roomsOf(sessionId: string): string[] {
    if (!this.#has("rooms")) return [];
    return this.#sql
      .exec<{ room: string }>("SELECT room FROM rooms WHERE session_id = ? ORDER BY seq", sessionId)
      .toArray()
      .map(({ room }) => room);
  }

  /** Counts come in any order; this keeps the one that was true last and returns it. */
  newestUnread({ unread, asOf }: Unread): number {
    const sql = this.#made();
    sql.exec(
      `INSERT INTO unread (id, count, as_of) VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET count = excluded.count, as_of = excluded.as_of WHERE excluded.as_of > unread.as_of`,
      unread,
      asOf,
    );
    return this.unread() ?? unread;
  }

  unread(): number | undefined {
    if (!this.#has("unread")) return undefined;
    return this.#sql.exec<{ count: number }>("SELECT count FROM unread").toArray()[0]?.count;
  }

  /** Nobody counts along any more. */
  forgetUnread(): void {
    if (this.#has("unread")) this.#sql.exec("DELETE FROM unread");
  }

  #made(): SqlStorage {
    this.#sql.exec(SCHEMA);
    return this.#sql;
  }

  #has(table: string): boolean {
    return this.#rows("SELECT 1 FROM sqlite_master WHERE name = ?", table) > 0;
  }

  #rows(query: string, ...parameters: string[]): number {
    return this.#sql.exec(query, ...parameters).toArray().length;
  }
}
