import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { BaseEnv, binding, RetrySeconds } from "./config.ts";
import { consume, type Handlers } from "./consumer.ts";
import { Delivery, type DeadLetter } from "./events.ts";
import type { EventsService } from "./rpc.ts";

const Env = BaseEnv.extend({
  DEAD_LETTERS: binding<Queue<DeadLetter>>(),
  RETRY_SECONDS: RetrySeconds,
  EVENTS: z.custom<EventsService>().optional(),
});
type Env = z.infer<typeof Env>;

const delivery = (data: unknown = { userId: crypto.randomUUID() }) => ({
  subscriber: "users",
  event: {
    specversion: "1.0",
    id: crypto.randomUUID(),
    type: "user.registered",
    source: "souk/auth",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    aggregateid: "a",
    version: 1,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    data,
  },
});

/** Hands messages to a consumer and tells what became of each, and what became a dead letter. */
async function run(
  bodies: { body: unknown; attempts?: number }[],
  handlers: Handlers<Env>,
  send = vi.fn<(letter: DeadLetter) => Promise<void>>(async () => {}),
  bindings: object = {},
) {
  const outcomes: string[] = bodies.map(() => "nothing");
  const messages = bodies.map(({ body, attempts = 1 }, index) => ({
    body,
    attempts,
    ack: () => void (outcomes[index] = "ack"),
    retry: (options?: { delaySeconds?: number }) =>
      void (outcomes[index] = `retry ${(options?.delaySeconds ?? 0) <= 600}`),
  }));
  const handle = consume(Env, { service: "test", handlers, attempts: 3, maxDelay: 600 });
  const env = { VERSION: "1", LOG_LEVEL: "fatal", RETRY_SECONDS: "4", DEAD_LETTERS: { send }, ...bindings };
  await handle({ messages }, env, { waitUntil: () => {} });
  return { outcomes, letters: send.mock.calls.map(([letter]) => letter) };
}

describe("consume", () => {
  it("gives the handler the parsed event in the event's trace, and acknowledges", async () => {
    const body = delivery();
    const handler = vi.fn<NonNullable<Handlers<Env>["user.registered"]>>(async () => {});
    const { outcomes } = await run([{ body }], { "user.registered": handler });
    expect(outcomes).toEqual(["ack"]);
    const [context, event] = handler.mock.calls[0] ?? [];
    expect(event).toMatchObject({ id: body.event.id, data: body.event.data });
    expect(context?.trace.traceId).toBe("0af7651916cd43dd8448eb211c80319c");
  });

  it("retries what fails, without harm to its neighbours", async () => {
    const bad = delivery();
    const { outcomes, letters } = await run([{ body: delivery() }, { body: bad }, { body: delivery() }], {
      "user.registered": async (_, event) => {
        if (event.id === bad.event.id) throw new Error("away");
      },
    });
    expect(outcomes).toEqual(["ack", "retry true", "ack"]);
    expect(letters).toEqual([]);
  });

  it("gives up after the last attempt, with the reason and the whole message", async () => {
    const body = delivery();
    const { outcomes, letters } = await run([{ body, attempts: 3 }], {
      "user.registered": () => Promise.reject(new Error("still away")),
    });
    expect(outcomes).toEqual(["ack"]);
    expect(letters).toEqual([{ subscriber: "users", reason: "Error: still away", attempts: 3, body }]);
  });

  it("names the causes of a failure in the reason", async () => {
    const cause = new Error("permission denied for table profiles");
    const { letters } = await run([{ body: delivery(), attempts: 3 }], {
      "user.registered": () => Promise.reject(new Error("Failed query", { cause })),
    });
    expect(letters.map(({ reason }) => reason)).toEqual([
      "Error: Failed query; Error: permission denied for table profiles",
    ]);
  });

  it("waits before a repeat as long as the environment says", async () => {
    const waits: unknown[] = [];
    const handle = consume(Env, {
      service: "test",
      handlers: { "user.registered": () => Promise.reject(new Error("away")) },
      attempts: 3,
      maxDelay: 600,
    });
    const retry = (options?: { delaySeconds?: number }) => void waits.push(options?.delaySeconds);
    const messages = Array.from({ length: 50 }, () => ({
      body: delivery(),
      attempts: 1,
      ack: () => {},
      retry,
    }));
    const env = { VERSION: "1", LOG_LEVEL: "fatal", DEAD_LETTERS: { send: async () => {} } };
    await handle({ messages }, { ...env, RETRY_SECONDS: "0" }, { waitUntil: () => {} });
    expect(new Set(waits)).toEqual(new Set([0]));
    waits.length = 0;
    await handle({ messages }, { ...env, RETRY_SECONDS: "4" }, { waitUntil: () => {} });
    expect(waits.every((seconds) => Number(seconds) <= 4)).toBe(true);
    expect(waits.some((seconds) => Number(seconds) > 0)).toBe(true);
  });

  it("gives up a message that is no event at once", async () => {
    const { outcomes, letters } = await run([{ body: "poison" }, { body: { subscriber: "nobody" } }], {});
    expect(outcomes).toEqual(["ack", "ack"]);
    expect(letters.map(({ body }) => body)).toEqual(["poison", { subscriber: "nobody" }]);
  });

  it("does not let an event pass whose data is not what the catalogue says", async () => {
    const handler = vi.fn(async () => {});
    const { outcomes } = await run([{ body: delivery({ userId: "not a uuid" }) }], {
      "user.registered": handler,
    });
    expect(handler).not.toHaveBeenCalled();
    expect(outcomes).toEqual(["retry true"]);
  });

  it("keeps a message whose dead letter could not be sent", async () => {
    const send = vi.fn<(letter: DeadLetter) => Promise<void>>(() =>
      Promise.reject(new Error("queue is away")),
    );
    const { outcomes } = await run(
      [{ body: delivery(), attempts: 3 }],
      { "user.registered": () => Promise.reject(new Error("away")) },
      send,
    );
    expect(outcomes).toEqual(["retry true"]);
  });

  it("holds few connections at a time, and wakes `events` once for the whole batch", async () => {
    let open = 0;
    let peak = 0;
    const wake = vi.fn(async () => {});
    await run(
      Array.from({ length: 20 }, () => ({ body: delivery() })),
      {
        "user.registered": async (context) => {
          context.appended.events = true;
          peak = Math.max(peak, ++open);
          await new Promise((resolve) => setImmediate(resolve));
          open--;
        },
      },
      undefined,
      { EVENTS: { wake } },
    );
    // A handler may hold two of the six connections of an invocation.
    expect(peak).toBe(3);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it("lets a slow message hold up none of the others", async () => {
    const slow = delivery();
    const others = Promise.withResolvers<void>();
    let left = 9;
    const { outcomes } = await run(
      [slow, ...Array.from({ length: 9 }, () => delivery())].map((body) => ({ body })),
      {
        "user.registered": async (_, event) => {
          if (event.id === slow.event.id) return others.promise;
          left -= 1;
          if (left === 0) others.resolve();
        },
      },
    );
    expect(new Set(outcomes)).toEqual(new Set(["ack"]));
  });

  it("cuts a long reason, so that the dead letter fits into its queue", async () => {
    const { letters } = await run([{ body: delivery(), attempts: 3 }], {
      "user.registered": () => Promise.reject(new Error("x".repeat(200_000))),
    });
    expect(letters[0]?.reason).toHaveLength(2_000);
  });

  it("agrees with the catalogue on what a delivery is", () => {
    expect(Delivery.safeParse(delivery()).success).toBe(true);
  });
});
