import { uuidv7 } from "@souk/kit/ids";
import type { RecordedEvent } from "@souk/kit/rpc";
import { z } from "zod";
import type { SettingChange } from "./changes-of.ts";

const SCHEMA = "CREATE TABLE IF NOT EXISTS untold (id TEXT PRIMARY KEY, event TEXT NOT NULL)";

/** Changes in one event, which has at most 32 KB; and events told at once. */
const CHANGES = 80;
const EVENTS = 20;

const Event = z.object({
  id: z.uuid(),
  type: z.literal("control.changed"),
  aggregateId: z.string(),
  occurredAt: z.string(),
  data: z.record(z.string(), z.unknown()),
});
const Stored = Event.extend({ cause: z.string().optional() });

/** What the event log has not been told yet of what admins did, in the SQLite of the object `Control`. */
export class Untold {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  /**
   * Keeps what is to be told of a change until it was.
   * @param cause the `traceparent` of who made it
   */
  add(
    change: { version: number; changedBy: string; changes: SettingChange[] },
    now: Date,
    cause?: string,
  ): void {
    const { version, changedBy, changes } = change;
    for (let from = 0; from < changes.length; from += CHANGES) {
      const event: z.infer<typeof Stored> = {
        id: uuidv7(now),
        type: "control.changed",
        aggregateId: "control",
        occurredAt: now.toISOString(),
        data: { version, changedBy, changes: changes.slice(from, from + CHANGES) },
        cause,
      };
      this.#sql.exec("INSERT INTO untold (id, event) VALUES (?, ?)", event.id, JSON.stringify(event));
    }
  }

  /** The oldest, some at a time, all of one cause. */
  next(): { events: RecordedEvent[]; cause: string | undefined } {
    const rows = this.#sql
      .exec<{ event: string }>("SELECT event FROM untold ORDER BY id LIMIT ?", EVENTS)
      .toArray();
    const stored = rows.map(({ event }) => Stored.parse(JSON.parse(event)));
    const cause = stored[0]?.cause;
    const other = stored.findIndex((event) => event.cause !== cause);
    return {
      events: stored.slice(0, other < 0 ? undefined : other).map((event) => Event.parse(event)),
      cause,
    };
  }

  told(events: readonly RecordedEvent[]): void {
    for (const { id } of events) this.#sql.exec("DELETE FROM untold WHERE id = ?", id);
  }
}
