import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Delivery } from "@souk/kit/events";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { tell } from "../test/domain-workers.ts";
import { newIsolates, type Isolate } from "../test/isolates.ts";
import { queue } from "./queue.ts";

let isolate: Isolate;
beforeAll(async () => {
  [isolate] = await newIsolates();
  await tell("alerts", {});
});
afterEach(() => void vi.useRealTimers());

/** A price as `alerts` tells of it. */
const priceUpdated = (time: Date): Delivery => ({
  subscriber: "gateway",
  event: {
    specversion: "1.0",
    id: crypto.randomUUID(),
    type: "price.updated",
    source: "souk/alerts",
    time: time.toISOString(),
    datacontenttype: "application/json",
    aggregateid: crypto.randomUUID(),
    version: 1,
    traceparent: null,
    data: {
      metal: "XAU",
      currency: "USD",
      price: "2000.5",
      previousPrice: null,
      quotedAt: time.toISOString(),
      fetchedAt: time.toISOString(),
    },
  },
});

/** @returns how many messages the gateway acknowledged */
async function deliver(...deliveries: Delivery[]): Promise<number> {
  const messages = deliveries.map((body) => ({
    id: crypto.randomUUID(),
    timestamp: new Date(),
    attempts: 1,
    body,
  }));
  const batch = createMessageBatch<Delivery>("gateway-events", messages);
  const invocation = createExecutionContext();
  await queue(batch, env, invocation);
  return (await getQueueResult(batch, invocation)).explicitAcks.length;
}

async function read(url: string) {
  const response = await isolate(url);
  return { state: response.headers.get("x-cache"), text: await response.text() };
}
const newUrl = () => `/api/v1/prices/history?metal=XAU&currency=${crypto.randomUUID()}`;

it("a new price purges what is kept of prices within 10 s, however often it is told", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
  const url = newUrl();
  const { text } = await read(url);
  expect(await read(url)).toEqual({ state: "HIT", text });
  const told = priceUpdated(new Date());
  expect(await deliver(told, told)).toBe(2);
  vi.setSystemTime(Date.now() + 10_001);
  const after = await read(url);
  expect(after.state).toBe("MISS");
  expect(after.text).not.toBe(text);
  expect(await read(url)).toEqual({ state: "HIT", text: after.text });
});

it("what is no such event becomes a dead letter, and purges nothing", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 7_200_000 });
  const url = newUrl();
  const { text } = await read(url);
  const { event, ...rest } = priceUpdated(new Date());
  const send = vi.fn<(letter: unknown) => Promise<void>>(async () => {});
  const letters = { ...env, DEAD_LETTERS: { send } };
  const body = { ...rest, event: { ...event, type: "email.sent" } };
  const ack = vi.fn<() => void>();
  const message = { body, attempts: 5, ack, retry: () => {} };
  await queue({ messages: [message] }, letters, createExecutionContext());
  expect(ack).toHaveBeenCalledOnce();
  expect(send).toHaveBeenCalledWith(expect.objectContaining({ subscriber: "gateway", body }));
  vi.setSystemTime(Date.now() + 10_001);
  expect(await read(url)).toEqual({ state: "HIT", text });
});
