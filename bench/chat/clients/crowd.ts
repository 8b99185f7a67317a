import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "../../measure/statistics.ts";
import { Member, timedText, type Seat } from "./member.ts";

const JOINING_AT_ONCE = 50;
/** One watches of so many, so that the clock costs the clients little. */
const WATCHING = 20;
const DRAIN_MS = 20_000;
/** Our limit is ten a second for each member. */
const FILL_EVERY_MS = 105;

export interface LoadPlan {
  senders: number;
  /** Each sends its next message so long after the last, or when that is acknowledged if that is later. */
  everyMs: number;
  warmMs: number;
  ms: number;
}

export interface LoadResult {
  acknowledged: number;
  refused: number;
  deliveriesPerSecond: number;
  messagesPerSecond: number;
  p50: number;
  p99: number;
  /** Deliveries of acknowledged messages that never came, and sockets that were closed. */
  missing: number;
  closed: number;
}

/** Where a message of a member is sent to, in place of its socket. */
export interface Post {
  url: string;
  headers: Record<string, string>;
}

/** All connected clients of one run, in this process. */
export class Crowd {
  #members: Member[] = [];

  /** Connects one client for each seat. */
  async join(seats: readonly Seat[]): Promise<void> {
    for (let from = 0; from < seats.length; from += JOINING_AT_ONCE)
      this.#members.push(
        ...(await Promise.all(seats.slice(from, from + JOINING_AT_ONCE).map((seat) => Member.join(seat)))),
      );
    for (const [n, member] of this.#members.entries()) member.watches = n % WATCHING === 0;
  }

  leave(): void {
    for (const member of this.#members) member.leave();
    this.#members = [];
  }

  /**
   * Has members send, all at their own pace, and counts what reaches everybody in a part of that time.
   * @param reach how many clients each message reaches
   * @param posts where each sender sends to, when not over its socket
   */
  async load(plan: LoadPlan, reach: number, posts: readonly Post[] = []): Promise<LoadResult> {
    const before = this.#deliveries();
    let acknowledged = 0;
    let refused = 0;
    const end = performance.now() + plan.warmMs + plan.ms;
    const work = this.#senders(plan.senders).map(async (member, n) => {
      const post = posts[n];
      await delay((n * plan.everyMs) / plan.senders);
      while (performance.now() < end) {
        const next = performance.now() + plan.everyMs;
        if (await (post === undefined ? member.send() : sendByPost(post))) acknowledged++;
        else refused++;
        await delay(Math.max(0, next - performance.now()));
      }
    });
    await delay(plan.warmMs);
    for (const member of this.#members) member.latencies.length = 0;
    const [begun, early, acknowledgedEarly] = [performance.now(), this.#deliveries(), acknowledged];
    await delay(plan.ms);
    const seconds = (performance.now() - begun) / 1000;
    const [late, acknowledgedLate] = [this.#deliveries(), acknowledged];
    await Promise.race([Promise.all(work), delay(DRAIN_MS)]);
    const missing = () => acknowledged * reach - (this.#deliveries() - before);
    for (const limit = performance.now() + DRAIN_MS; missing() > 0 && performance.now() < limit;)
      await delay(50);
    const latencies = this.#members.flatMap((member) => member.latencies);
    return {
      acknowledged,
      refused,
      deliveriesPerSecond: (late - early) / seconds,
      messagesPerSecond: (acknowledgedLate - acknowledgedEarly) / seconds,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      missing: missing(),
      closed: this.#members.filter(({ closed }) => closed !== undefined).length,
    };
  }

  /** Has all members write so many messages, however long that takes. */
  async fill(messages: number): Promise<void> {
    const each = messages / this.#members.length;
    await Promise.all(
      this.#members.map(async (member) => {
        for (let sent = 0; sent < each; await delay(FILL_EVERY_MS)) if (await member.send()) sent++;
      }),
    );
  }

  /** How often objects told members that they had slept, and how many sockets have closed. */
  idle(): { woken: number; closed: number } {
    return {
      woken: this.#members.reduce((sum, { woken }) => sum + woken, 0),
      closed: this.#members.filter(({ closed }) => closed !== undefined).length,
    };
  }

  #senders(count: number): Member[] {
    return this.#members.filter((_, n) => n % Math.floor(this.#members.length / count) === 0).slice(0, count);
  }

  #deliveries(): number {
    return this.#members.reduce((sum, { deliveries }) => sum + deliveries, 0);
  }
}

/** Sends a message by POST. Returns whether it was acknowledged; a connection that breaks acknowledges nothing. */
async function sendByPost({ url, headers }: Post): Promise<boolean> {
  const body = JSON.stringify({ clientMessageId: crypto.randomUUID(), text: timedText() });
  try {
    const answer = await fetch(url, { method: "POST", headers, body });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
