import { AppError } from "@souk/kit/errors";
import { EVENTS, type EventData, type EventType } from "@souk/kit/events";
import {
  DRAFTS_UPGRADE,
  KEEPING_UPGRADE,
  TABLES,
  type ConversationRow,
  type MemberRow,
  type MessageRow,
} from "./tables.ts";

/** Who does something, and when: ISO 8601 in UTC. */
export interface Act {
  userId: string;
  at: string;
  /** Of who does it, where a request does. */
  traceparent?: string;
}

const missing = (): AppError => new AppError("not_found", "You have no such conversation.");

/** One conversation's tables: what the verbs beside this file read and write. Each verb runs in one transaction. */
export class ConversationStore {
  readonly sql: SqlStorage;
  /**
   * The revision up to which devices have been told in this life of the object. Stored with the next change or the archive: what is told
   * again after a crash between is a repeat, by its key.
   */
  told = 0;
  /** Whether the tables are known to be there: looking each time was a third of what a message asked of SQLite. */
  #made = false;

  constructor(sql: SqlStorage) {
    this.sql = sql;
  }

  /** Whether the conversation was ever made: whoever names an object that keeps nothing must not come to make it keep tables. */
  exists(): boolean {
    this.#made ||= this.#has("conversation");
    return this.#made;
  }

  /** To be called when a change was rolled back: the tables may have gone with it. */
  rolledBack(): void {
    this.#made = false;
  }

  makeTables(): void {
    this.sql.exec(TABLES);
  }

  /** Gives an object that an earlier release made what this one keeps besides. */
  upgrade(): void {
    if (!this.exists() || this.#has("scheduled")) return;
    if (!this.#has("hidden")) this.sql.exec(DRAFTS_UPGRADE);
    this.sql.exec(KEEPING_UPGRADE);
  }

  /** @throws AppError not_found when there is none */
  conversation(): ConversationRow {
    if (!this.exists()) throw missing();
    const [row] = this.sql.exec<ConversationRow>("SELECT * FROM conversation").toArray();
    if (row === undefined) throw missing();
    return row;
  }

  findMember(userId: string): MemberRow | undefined {
    return this.sql.exec<MemberRow>("SELECT * FROM members WHERE user_id = ?", userId).toArray()[0];
  }

  /**
   * The member who may read: active, asked and not yet answered, or gone with what they have seen.
   * @throws AppError not_found for everybody else
   */
  reader(userId: string): MemberRow {
    if (!this.exists()) throw missing();
    const member = this.findMember(userId);
    if (member === undefined || member.status === "declined") throw missing();
    return member;
  }

  /** The member who takes part or is asked to. @throws AppError not_found for everybody else */
  present(userId: string): MemberRow {
    const member = this.reader(userId);
    if (member.visible_to !== null) throw missing();
    return member;
  }

  /** @throws AppError not_found for who takes no part */
  active(userId: string): MemberRow {
    const member = this.reader(userId);
    if (member.status !== "active") throw missing();
    return member;
  }

  /** @throws AppError not_found for who takes no part; forbidden for who may not manage, and in a direct conversation */
  manager(userId: string): MemberRow {
    const member = this.active(userId);
    if (this.conversation().kind === "direct" || member.role === "member")
      throw new AppError("forbidden", "Only an owner or admin of a group may do this.");
    return member;
  }

  /**
   * A message that the member may see and has not deleted for themself.
   * @throws AppError not_found
   */
  message(member: MemberRow, seq: number): MessageRow {
    if (this.hidden(member.user_id, [seq]).has(seq))
      throw new AppError("not_found", "There is no such message.");
    return this.place(member, seq);
  }

  /** Which of some messages the member has deleted for themself. */
  hidden(userId: string, seqs: number[]): Set<number> {
    const rows = this.sql.exec<{ seq: number }>(
      "SELECT seq FROM hidden WHERE user_id = ? AND seq IN (SELECT value FROM json_each(?))",
      userId,
      JSON.stringify(seqs),
    );
    return new Set(rows.toArray().map(({ seq }) => seq));
  }

  /**
   * A message within what the member may see.
   * @throws AppError not_found
   */
  place(member: MemberRow, seq: number): MessageRow {
    const [row] =
      seq < member.visible_from || seq > (member.visible_to ?? seq)
        ? []
        : this.sql.exec<MessageRow>("SELECT * FROM messages WHERE seq = ?", seq).toArray();
    if (row === undefined) throw new AppError("not_found", "There is no such message.");
    return row;
  }

  /** Takes the conversation's next revision, for the row that the caller changes. */
  revise(at: string): number {
    return this.sql
      .exec<{ revision: number }>(
        "UPDATE conversation SET revision = revision + 1, updated_at = ?, published = max(published, ?) RETURNING revision",
        at,
        this.told,
      )
      .one().revision;
  }

  /** Shards of the room that may have sockets. */
  shards(): number[] {
    return this.sql
      .exec<{ shard: number }>("SELECT shard FROM rooms ORDER BY shard")
      .toArray()
      .map(({ shard }) => shard);
  }

  countActive(): number {
    return this.sql
      .exec<{ count: number }>("SELECT count(*) AS count FROM members WHERE status = 'active'")
      .one().count;
  }

  /**
   * Keeps an event until the archive is written, in one transaction with which it reaches the log.
   * @param key a later event with the same key replaces it
   */
  tell<T extends EventType>(
    type: T,
    event: { key: string; id: string; at: string; data: EventData<T> },
  ): void {
    const data = JSON.stringify(EVENTS[type].data.parse(event.data));
    this.sql.exec(
      "INSERT OR REPLACE INTO events (key, id, type, data, at) VALUES (?, ?, ?, ?, ?)",
      event.key,
      event.id,
      type,
      data,
      event.at,
    );
  }

  #has(table: string): boolean {
    return this.sql.exec("SELECT 1 FROM sqlite_master WHERE name = ?", table).toArray().length > 0;
  }
}
