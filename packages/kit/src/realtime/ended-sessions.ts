/** The gateway may let an ended session's access token pass until then: by a snapshot, or because no newer one can be had. */
const ENDED_MS = 2 * 60 * 60_000;

const SCHEMA = "CREATE TABLE IF NOT EXISTS ended (session_id TEXT PRIMARY KEY, until INTEGER NOT NULL)";

/**
 * The sessions that an object knows to have ended, for two hours, longer than an access token lives: a socket that was authorised before
 * may come after. An object that never heard of any keeps nothing. Times are in milliseconds.
 */
export class EndedSessions {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @returns sessions that ended so long ago that they are forgotten now */
  end(sessionId: string, now: number): string[] {
    this.#sql.exec(SCHEMA);
    this.#sql.exec("INSERT INTO ended VALUES (?, ?) ON CONFLICT DO NOTHING", sessionId, now + ENDED_MS);
    return this.#sql
      .exec<{ session_id: string }>("DELETE FROM ended WHERE until <= ? RETURNING session_id", now)
      .toArray()
      .map(({ session_id }) => session_id);
  }

  has(sessionId: string): boolean {
    const made = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'ended'").toArray().length > 0;
    return made && this.#sql.exec("SELECT 1 FROM ended WHERE session_id = ?", sessionId).toArray().length > 0;
  }
}
