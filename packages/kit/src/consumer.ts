import { stopwatch } from "@souk/db/stopwatch";
import type { z } from "zod";
import { parseEnv, type BaseEnv } from "./config.ts";
import { createContext, finish, type Context } from "./context.ts";
import {
  Delivery,
  EVENTS,
  type DeadLetter,
  type EventEnvelope,
  type EventType,
  type SoukEvent,
} from "./events.ts";
import { describeError, type ErrorDescription } from "./log.ts";
import { callTimeout, fullJitter } from "./resilience.ts";
import { sendSpans } from "./spans.ts";

type ConsumerEnv = z.infer<typeof BaseEnv> & { DEAD_LETTERS: Queue<DeadLetter>; RETRY_SECONDS: number };

/** The delivery that a handler sees: after the last one a failure becomes a dead letter. */
export interface DeliveryAttempt {
  last: boolean;
}

/** What to do with each event type; a type without a handler is a mistake in the catalogue and becomes a dead letter. */
export type Handlers<Env extends ConsumerEnv> = {
  [T in EventType]?: (context: Context<Env>, event: SoukEvent<T>, delivery: DeliveryAttempt) => Promise<void>;
};

interface Options<Env extends ConsumerEnv> {
  service: string;
  handlers: Handlers<Env>;
  /** Deliveries of one message before it becomes a dead letter. */
  attempts: number;
  /** Longest wait between two deliveries, seconds. */
  maxDelay: number;
}

/** What is used of the platform's types. */
type QueueMessage = Pick<Message, "body" | "attempts" | "ack" | "retry">;
type Invocation = Pick<ExecutionContext, "waitUntil">;

/** Below the platform's 6 connections an invocation, since a handler may hold one to the database and one elsewhere. */
const PARALLEL = 3;

/** As much of a failure's text as a dead letter carries: it travels with its message, and a queue takes 128 KB. */
const REASON_LENGTH = 2_000;

async function handle<Env extends ConsumerEnv, T extends EventType>(
  context: Context<Env>,
  handlers: Handlers<Env>,
  event: EventEnvelope & { type: T },
  delivery: DeliveryAttempt,
): Promise<void> {
  const handler = handlers[event.type];
  if (handler === undefined) throw new Error(`No handler for ${event.type}`);
  const data = EVENTS[event.type].data.parse(event.data) as SoukEvent<T>["data"];
  await handler(context, { ...event, data }, delivery);
}

/** An error and its causes in one line: of a failed statement only the cause says why. */
function inWords({ name, message, cause }: ErrorDescription): string {
  return `${name}: ${message}${cause ? `; ${inWords(cause)}` : ""}`;
}

/**
 * The `queue` handler of a Worker: each message is parsed, handled and acknowledged by itself; a failure is retried with exponential
 * backoff and full jitter; what keeps failing, or is no event at all, goes to the dead letters with its reason.
 */
export function consume<Env extends ConsumerEnv>(schema: z.ZodType<Env>, options: Options<Env>) {
  const deliver = async (
    message: QueueMessage,
    env: Env,
    executionContext: Invocation,
    ended: (context: Context<Env>) => void,
  ): Promise<void> => {
    const delivery = Delivery.safeParse(message.body);
    const context = createContext<Env>(env, {
      service: options.service,
      waitUntil: (work) => executionContext.waitUntil(work),
      traceparent: delivery.data?.event.traceparent,
    });
    const event = delivery.data?.event;
    const last = message.attempts >= options.attempts;
    const fields = { eventId: event?.id, eventType: event?.type, attempt: message.attempts };
    const passed = stopwatch();
    let failed = true;
    try {
      if (event === undefined) throw new Error(`Not a delivery: ${delivery.error?.message}`);
      await handle(context, options.handlers, event, { last });
      message.ack();
      failed = false;
      context.log.info("event consumed", { ...fields, ms: passed(), database: context.databaseUse });
    } catch (error) {
      const reason = describeError(error);
      if (event !== undefined && !last) {
        context.log.warn("event will be retried", { ...fields, error: reason });
        message.retry({
          delaySeconds: fullJitter(message.attempts - 1, env.RETRY_SECONDS, options.maxDelay),
        });
        return;
      }
      context.log.error("event given up", { ...fields, error: reason });
      const subscriber = delivery.data?.subscriber ?? null;
      const letter = {
        subscriber,
        reason: inWords(reason).slice(0, REASON_LENGTH),
        attempts: message.attempts,
        body: message.body,
      };
      await callTimeout.execute(() => env.DEAD_LETTERS.send(letter));
      message.ack();
    } finally {
      context.spans?.own({
        name: `process ${event?.type ?? "message"}`,
        kind: "consumer",
        ms: passed(),
        failed,
        attributes: {
          "messaging.system": "cloudflare_queues",
          "messaging.destination.name": delivery.data?.subscriber ?? "",
          "messaging.message.id": event?.id ?? "",
          "messaging.delivery.attempt": message.attempts,
        },
      });
      ended(context);
    }
  };

  return async (
    batch: { messages: readonly QueueMessage[] },
    rawEnv: object,
    executionContext: Invocation,
  ): Promise<void> => {
    const env = parseEnv(schema, rawEnv);
    // Once for the whole batch: each call to another Worker counts, and the platform allows 32 an invocation.
    let waker: Context<Env> | undefined;
    let sampled: Context<Env> | undefined;
    const ended = (context: Context<Env>) => {
      if (context.appended.events) waker = context;
      if (context.spans !== null) sampled = context;
    };
    const waiting = batch.messages.values();
    const lane = async (): Promise<void> => {
      for (const message of waiting)
        // A message whose dead letter could not be sent is retried by the platform.
        await deliver(message, env, executionContext, ended).catch(() => message.retry());
    };
    await Promise.all(Array.from({ length: PARALLEL }, lane));
    if (waker !== undefined) finish(waker);
    if (sampled !== undefined) sendSpans(sampled);
  };
}
