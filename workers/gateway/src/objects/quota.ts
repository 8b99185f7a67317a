import { DurableObject } from "cloudflare:workers";
import { z } from "zod";
import { LEASED, LEASE_MS, SYNCHRONOUS_ABOVE, type Report, type Settlement } from "../quotas/settlement.ts";
import { SlidingWindow, type Tally } from "../quotas/sliding-window.ts";

const SCHEMA = `CREATE TABLE IF NOT EXISTS shares
  (limiter TEXT PRIMARY KEY, spent TEXT NOT NULL, lease INTEGER NOT NULL, lease_until INTEGER NOT NULL)`;

/** A lease is this part of what can still be leased, so that there is some for who comes later. */
const SHARE = 0.25;

/** The row of what the object itself granted. */
const GRANTED = "";

const Stored = z.array(z.object({ cell: z.int(), count: z.int() }));

interface Share {
  spent: SlidingWindow;
  lease: number;
  leaseUntil: number;
}

/** What one person spent in the last minute, put together from all limiters that met them. Counts only grow, so that a report repeated does no harm. */
export class Quota extends DurableObject<object> {
  readonly #shares = new Map<string, Share>();
  #now = 0;
  #alarmAt = 0;

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    const { sql } = state.storage;
    sql.exec(SCHEMA);
    for (const row of sql.exec<{ limiter: string; spent: string; lease: number; lease_until: number }>(
      "SELECT * FROM shares",
    )) {
      const spent = new SlidingWindow();
      spent.merge(Stored.parse(JSON.parse(row.spent)));
      this.#shares.set(row.limiter, { spent, lease: row.lease, leaseUntil: row.lease_until });
    }
  }

  /** Takes in what a limiter spent, decides what it asks, and says how much it may spend by itself. */
  async settle(report: Report): Promise<Settlement> {
    const { limit } = report;
    if (this.#alarmAt === 0) this.ctx.storage.sql.exec(SCHEMA);
    this.#now = Math.max(this.#now, report.now);
    const share = this.#share(report.limiter);
    const reported = share.spent.merge(report.spent);
    const { total, leased } = this.#survey(report.limiter);

    const granted = report.ask > 0 && total + report.ask <= limit;
    if (granted) {
      const own = this.#share(GRANTED);
      own.spent.add(report.ask);
      this.#keep(GRANTED, own);
    }
    const free = Math.min(limit * LEASED, limit * SYNCHRONOUS_ABOVE - total - report.ask) - leased;
    // What the limiter has of its last lease it may be spending just now.
    const left = share.leaseUntil > this.#now ? share.lease - reported : 0;
    share.lease = Math.max(left, free >= 1 ? Math.ceil(free * SHARE) : 0);
    share.leaseUntil = this.#now + LEASE_MS;
    this.#keep(report.limiter, share);
    if (this.#alarmAt <= this.#now) await this.#wakeAt(share.leaseUntil);
    return { granted, lease: share.lease, others: this.#others(report.limiter) };
  }

  /** Forgets the person, when the last lease has ended: what was spent before no longer counts. */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    const last = Math.max(0, ...[...this.#shares.values()].map(({ leaseUntil }) => leaseUntil));
    if (info !== undefined && last > info.scheduledTime) return this.#wakeAt(last);
    this.#shares.clear();
    this.#alarmAt = 0;
    await this.ctx.storage.deleteAll();
  }

  #share(limiter: string): Share {
    const known = this.#shares.get(limiter);
    const share = known ?? { spent: new SlidingWindow(), lease: 0, leaseUntil: 0 };
    share.spent.advance(this.#now);
    if (known === undefined) this.#shares.set(limiter, share);
    return share;
  }

  /** What all have spent, and what is leased to others than this one. Limiters of which nothing counts any more are dropped. */
  #survey(limiter: string): { total: number; leased: number } {
    let total = 0;
    let leased = 0;
    for (const [name, share] of this.#shares) {
      share.spent.advance(this.#now);
      total += share.spent.sum;
      if (name === limiter) continue;
      if (share.leaseUntil > this.#now) leased += share.lease;
      else if (share.spent.sum === 0) this.#drop(name);
    }
    return { total, leased };
  }

  #others(limiter: string): Tally {
    const cells = new Map<number, number>();
    for (const [name, { spent }] of this.#shares) {
      if (name === limiter) continue;
      for (const { cell, count } of spent.tally()) cells.set(cell, (cells.get(cell) ?? 0) + count);
    }
    return Array.from(cells, ([cell, count]) => ({ cell, count }));
  }

  #keep(limiter: string, { spent, lease, leaseUntil }: Share): void {
    this.ctx.storage.sql.exec(
      `INSERT INTO shares (limiter, spent, lease, lease_until) VALUES (?, ?, ?, ?)
       ON CONFLICT (limiter) DO UPDATE SET spent = excluded.spent, lease = excluded.lease, lease_until = excluded.lease_until`,
      limiter,
      JSON.stringify(spent.tally()),
      lease,
      leaseUntil,
    );
  }

  #drop(limiter: string): void {
    this.#shares.delete(limiter);
    this.ctx.storage.sql.exec("DELETE FROM shares WHERE limiter = ?", limiter);
  }

  async #wakeAt(time: number): Promise<void> {
    this.#alarmAt = time;
    await this.ctx.storage.setAlarm(time);
  }
}
