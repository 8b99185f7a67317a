import { Delivery, SUBSCRIBERS } from "@souk/kit/events";
import { Invocation, step, type Mishap } from "./invocation.ts";

const QUEUES = [...SUBSCRIBERS, "dead-letters"] as const;
export type QueueName = (typeof QUEUES)[number];

interface Kept {
  body: unknown;
  /** Deliveries so far. */
  attempts: number;
}
interface Delivered extends Kept {
  ack: () => void;
  retry: () => void;
}
export type Handler = (
  batch: { messages: Delivered[]; ackAll: () => void },
  env: object,
  executionContext: Pick<ExecutionContext, "waitUntil">,
) => Promise<void>;

/** As the Workers' configurations have it; a message beyond it is moved to the dead letters by the platform, bare. */
const MAX_RETRIES = 20;

/** Queues that promise what the platform's promise: at least once, in no order. */
export class Queues {
  readonly kept: Record<QueueName, Kept[]> = {
    gateway: [],
    auth: [],
    users: [],
    alerts: [],
    notifications: [],
    "email-urgent": [],
    "email-bulk": [],
    chat: [],
    "dead-letters": [],
  };

  readonly #sent = new Map<string, number>();

  put(name: QueueName, body: unknown): void {
    const { data: delivery } = Delivery.safeParse(body);
    if (delivery) this.#sent.set(`${name} ${delivery.event.id}`, this.timesSent(name, delivery.event.id) + 1);
    this.kept[name].push({ body: structuredClone(body), attempts: 0 });
  }

  /** How often an event was sent to a queue. */
  timesSent(name: string, eventId: string): number {
    return this.#sent.get(`${name} ${eventId}`) ?? 0;
  }

  /** The binding by which a Worker sends. */
  producer(name: QueueName) {
    return {
      send: (body: unknown) => step(async () => this.put(name, body)),
      sendBatch: (messages: { body: unknown }[]) =>
        step(async () => messages.forEach(({ body }) => this.put(name, body))),
    };
  }

  /** How many messages wait. */
  get waiting(): number {
    return QUEUES.reduce((sum, name) => sum + this.kept[name].length, 0);
  }

  /** Puts a copy of a waiting message beside it. */
  repeat(name: QueueName, which: number): void {
    for (const message of this.#pick(name, [which])) this.kept[name].push({ ...message });
  }

  /** Makes a waiting message one that has been delivered this often. */
  tire(name: QueueName, which: number, attempts: number): void {
    for (const message of this.#pick(name, [which])) message.attempts = attempts;
  }

  /**
   * Delivers a batch to the queue's consumer. Messages of an invocation that died come again, acknowledged or not.
   * @param picks places in the queue, in the order of the batch
   * @returns how the invocation ended, and how many messages it asked to have again
   */
  async deliver(
    name: QueueName,
    picks: number[],
    handler: Handler,
    env: object,
    mishap?: Mishap,
  ): Promise<{ ended: "died" | "failed" | "ok"; retried: number }> {
    const batch = this.#pick(name, picks);
    const acknowledged = new Set<Kept>();
    const retried = new Set<Kept>();
    const messages = batch.map((message) => ({
      body: structuredClone(message.body),
      attempts: ++message.attempts,
      ack: () => void acknowledged.add(message),
      retry: () => void retried.add(message),
    }));
    const ackAll = () => batch.forEach((message) => acknowledged.add(message));
    const invocation = new Invocation(mishap);
    const { ended } = await invocation.run(() => handler({ messages, ackAll }, env, invocation));
    const gone = (message: Kept): boolean =>
      ended === "ok" ? !retried.has(message) : ended === "failed" && acknowledged.has(message);
    this.kept[name] = this.kept[name].filter((message) => !(batch.includes(message) && gone(message)));
    this.#giveUp(name);
    return { ended, retried: ended === "ok" ? retried.size : 0 };
  }

  #pick(name: QueueName, picks: number[]): Kept[] {
    const kept = this.kept[name];
    return [...new Set(picks.flatMap((pick) => kept[pick % Math.max(1, kept.length)] ?? []))];
  }

  #giveUp(name: QueueName): void {
    if (name === "dead-letters") return;
    const over = this.kept[name].filter(({ attempts }) => attempts > MAX_RETRIES);
    this.kept[name] = this.kept[name].filter((message) => !over.includes(message));
    for (const { body } of over) this.put("dead-letters", body);
  }
}
