import { DurableObject } from "cloudflare:workers";
import { z } from "zod";
import type { Batch } from "../metrics/batch.ts";
import { prometheusText } from "../metrics/prometheus-text.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS series (method TEXT NOT NULL, route TEXT NOT NULL, status INTEGER NOT NULL, count INTEGER NOT NULL,
    seconds REAL NOT NULL, buckets TEXT NOT NULL, PRIMARY KEY (method, route, status));
  CREATE TABLE IF NOT EXISTS isolates (id TEXT PRIMARY KEY, number INTEGER NOT NULL, active INTEGER NOT NULL, seen_at INTEGER NOT NULL);
`;

/** An isolate that was silent for so long is taken to be at rest, or gone. */
const ACTIVE_MS = 30_000;
/** An isolate that is silent for so long sends nothing again. */
const REMEMBERED_MS = 3_600_000;

const Buckets = z.array(z.int());

/** The one sum of what all isolates of the gateway counted. */
export class Metrics extends DurableObject<object> {
  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    state.storage.sql.exec(SCHEMA);
  }

  /**
   * Adds a batch, once however often it is sent.
   * @param now in milliseconds since 1970
   */
  add(batch: Batch, now: number): void {
    const { sql } = this.ctx.storage;
    this.ctx.storage.transactionSync(() => {
      const fresh = sql.exec(
        `INSERT INTO isolates (id, number, active, seen_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET number = excluded.number, active = excluded.active, seen_at = excluded.seen_at
         WHERE excluded.number > isolates.number RETURNING id`,
        batch.isolate,
        batch.number,
        batch.active,
        now,
      );
      if (fresh.toArray().length === 0) return;
      for (const series of batch.series) this.#addSeries(series);
    });
  }

  /** The sums in Prometheus text. */
  text(now: number): string {
    const { sql } = this.ctx.storage;
    sql.exec("DELETE FROM isolates WHERE seen_at < ?", now - REMEMBERED_MS);
    const { active } = sql
      .exec<{ active: number }>(
        "SELECT coalesce(sum(active), 0) AS active FROM isolates WHERE seen_at >= ?",
        now - ACTIVE_MS,
      )
      .one();
    const series = sql
      .exec<{
        method: string;
        route: string;
        status: number;
        count: number;
        seconds: number;
        buckets: string;
      }>("SELECT * FROM series ORDER BY route, method, status")
      .toArray()
      .map((row) => ({ ...row, buckets: Buckets.parse(JSON.parse(row.buckets)) }));
    return prometheusText(series, active);
  }

  #addSeries({ method, route, status, count, seconds, buckets }: Batch["series"][number]): void {
    const { sql } = this.ctx.storage;
    const [known] = sql
      .exec<{ buckets: string }>(
        "SELECT buckets FROM series WHERE method = ? AND route = ? AND status = ?",
        method,
        route,
        status,
      )
      .toArray();
    const before = known === undefined ? [] : Buckets.parse(JSON.parse(known.buckets));
    sql.exec(
      `INSERT INTO series (method, route, status, count, seconds, buckets) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count, seconds = seconds + excluded.seconds, buckets = excluded.buckets`,
      method,
      route,
      status,
      count,
      seconds,
      JSON.stringify(buckets.map((more, at) => more + (before[at] ?? 0))),
    );
  }
}
