import { timeout, TimeoutStrategy } from "cockatiel";
import { LEASE_MS, REPORT_EVERY_MS, SYNCHRONOUS_ABOVE, type Report, type Settlement } from "./settlement.ts";
import { freedAt, SlidingWindow } from "./sliding-window.ts";

/** How many people a limiter remembers. */
const REMEMBERED = 2_000;

/** A person waits for the object no longer than this; a silent one is left alone for a while. */
const ASK_MS = 1_000;
const ask = timeout(ASK_MS, TimeoutStrategy.Aggressive);
const LEFT_ALONE_MS = 5_000;

/** A request that costs no more than this part of its limit may be the first, before the object was ever asked. */
const UNASKED = 0.001;

export interface Verdict {
  allowed: boolean;
  /** What is left, as far as this limiter knows. */
  remaining: number;
  /** When a refused request may pass, in milliseconds since 1970. */
  retryAt: number;
}

/** Brings a report to a person's object. */
export type Settle = (userId: string, report: Report) => Promise<Settlement>;

/** Runs work after the answer. */
type After = (work: Promise<void>) => void;

interface Account {
  id: string;
  userId: string;
  limit: number;
  own: SlidingWindow;
  others: SlidingWindow;
  /** All that was ever let through here, and how much of it the object has heard of. */
  spent: number;
  heard: number;
  lease: number;
  leaseUntil: number;
  /** A report whose answer never comes holds the next one up no longer than this. */
  reportingUntil: number;
  reportedAt: number;
  asked: number;
  settled: number;
  leftAloneUntil: number;
}

/**
 * One isolate's part in the quotas of all people: it decides from its own counts and what it last heard of the others', within a lease
 * of the person's object, and asks that object when the lease is used up or 80 % of the limit are.
 */
export class Limiter {
  readonly #accounts = new Map<string, Account>();
  readonly #settle: Settle;

  constructor(settle: Settle) {
    this.#settle = settle;
  }

  /**
   * Whether a request may pass. A promise is returned only where the object must be asked.
   * @param cost at least 1, in requests
   * @param now in milliseconds since 1970
   */
  decide(userId: string, limit: number, cost: number, now: number, after: After): Verdict | Promise<Verdict> {
    const account = this.#account(userId, now);
    account.limit = limit;
    const used = account.own.sum + account.others.sum + cost;
    if (used > limit) return refusal(account, used - limit);
    const unheard = account.spent - account.heard;
    const leased = now < account.leaseUntil;
    const asking = leased ? unheard + cost > account.lease : unheard > 0 || cost > limit * UNASKED;
    if ((asking || used > limit * SYNCHRONOUS_ABOVE) && now >= account.leftAloneUntil)
      return this.#ask(account, cost, now);

    account.own.add(cost);
    account.spent += cost;
    const due = !leased || unheard + cost > account.lease / 2 || now - account.reportedAt >= REPORT_EVERY_MS;
    if (due && now >= account.reportingUntil && now >= account.leftAloneUntil)
      after(this.#report(account, now));
    return { allowed: true, remaining: limit - used, retryAt: 0 };
  }

  async #ask(account: Account, cost: number, now: number): Promise<Verdict> {
    const granted = await this.#exchange(account, cost, now);
    const used = account.own.sum + account.others.sum;
    if (granted === true) return { allowed: true, remaining: Math.max(0, account.limit - used), retryAt: 0 };
    if (granted === false || used + cost > account.limit)
      return refusal(account, Math.max(1, used + cost - account.limit));
    // The object is silent: what is known here has to do.
    account.own.add(cost);
    account.spent += cost;
    return { allowed: true, remaining: account.limit - used - cost, retryAt: 0 };
  }

  async #report(account: Account, now: number): Promise<void> {
    account.reportingUntil = now + 2 * ASK_MS;
    await this.#exchange(account, 0, now);
    account.reportingUntil = 0;
  }

  /** @returns whether what was asked is granted; undefined when the object does not answer */
  async #exchange(account: Account, cost: number, now: number): Promise<boolean | undefined> {
    const { spent, id, limit, userId } = account;
    const order = ++account.asked;
    account.reportedAt = now;
    try {
      const report = { limiter: id, now, limit, spent: account.own.tally(), ask: cost };
      const settlement = await ask.execute(() => this.#settle(userId, report));
      account.heard = Math.max(account.heard, spent);
      account.others.merge(settlement.others);
      if (order > account.settled) {
        account.settled = order;
        account.lease = settlement.lease;
        account.leaseUntil = now + LEASE_MS;
      }
      return settlement.granted;
    } catch {
      account.leftAloneUntil = now + LEFT_ALONE_MS;
      return undefined;
    }
  }

  #account(userId: string, now: number): Account {
    let account = this.#accounts.get(userId);
    if (account === undefined) {
      const [oldest] = this.#accounts.keys();
      if (this.#accounts.size >= REMEMBERED && oldest !== undefined) this.#accounts.delete(oldest);
      account = newAccount(userId);
      this.#accounts.set(userId, account);
    }
    account.own.advance(now);
    account.others.advance(now);
    return account;
  }
}

const refusal = ({ own, others }: Account, excess: number): Verdict => ({
  allowed: false,
  remaining: 0,
  retryAt: freedAt(excess, own, others),
});

const newAccount = (userId: string): Account => ({
  id: crypto.randomUUID(),
  userId,
  limit: 0,
  own: new SlidingWindow(),
  others: new SlidingWindow(),
  spent: 0,
  heard: 0,
  lease: 0,
  leaseUntil: 0,
  reportingUntil: 0,
  reportedAt: 0,
  asked: 0,
  settled: 0,
  leftAloneUntil: 0,
});
