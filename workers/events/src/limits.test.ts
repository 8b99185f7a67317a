import { env } from "cloudflare:workers";
import { log } from "@souk/db/schema/events";
import { brokenConstraint } from "@souk/db/client";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { eventRow } from "@souk/kit/event-log";
import type { Delivery } from "@souk/kit/events";
import { beforeEach, describe, expect, it } from "vitest";
import { watchFetch } from "../../../test/limits/watch-fetch.ts";
import { ownerDatabase } from "../../../test/owner-database.ts";
import { Env } from "./env.ts";
import { drainLog } from "./services/drain-log.ts";

const db = ownerDatabase();

/** Cloudflare's limits of Queues: of one message, and of one call of `sendBatch`. */
const MESSAGE_BYTES = 128_000;
const CALL_BYTES = 256_000;
const CALL_MESSAGES = 100;

/** The most that one step of a drain reads into its isolate, which has 128 MB. */
const BATCH_BYTES = 8 * 1024 * 1024;

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

const calls: Delivery[][] = [];
const queue = {
  sendBatch: async (messages: Iterable<{ body: Delivery }>) =>
    void calls.push(Array.from(messages, ({ body }) => body)),
};
const queues = {
  GATEWAY_QUEUE: queue,
  AUTH_QUEUE: queue,
  USERS_QUEUE: queue,
  ALERTS_QUEUE: queue,
  NOTIFICATIONS_QUEUE: queue,
  EMAIL_URGENT_QUEUE: queue,
  EMAIL_BULK_QUEUE: queue,
  CHAT_QUEUE: queue,
};
const context = createContext(parseEnv(Env, { ...env, ...queues }), {
  service: "alerts",
  waitUntil: () => {},
});

/** An event whose note has so many letters of three bytes each. */
const withNote = (letters: number) =>
  eventRow(context, "alert.triggered", context.newId(), {
    alertId: context.newId(),
    historyId: context.newId(),
    userId: context.newId(),
    metal: "XAU",
    currency: "USD",
    type: "above",
    threshold: "1000",
    unit: "toz",
    karat: 24,
    price: "1043.155",
    note: "€".repeat(letters),
    quotedAt: "2009-11-02T12:00:00.000Z",
    triggeredAt: "2009-11-02T12:00:01.000Z",
  });
const LARGEST = 10_700;

beforeEach(async () => {
  calls.length = 0;
  await db.delete(log);
});
describe("an event", () => {
  it("is refused where it is appended when it is too large to travel, and named in the error", async () => {
    await db.insert(log).values(withNote(LARGEST));
    const refused = await db
      .insert(log)
      .values(withNote(LARGEST + 500))
      .catch((error: unknown) => error);
    expect(brokenConstraint(refused)).toBe("log_data_at_most_32_kb");
    await drainLog(context);
    expect(calls.flat()).toHaveLength(2);
    for (const delivery of calls.flat()) expect(bytesOf(delivery)).toBeLessThan(MESSAGE_BYTES / 2);
  });
});

describe("a drain of the largest events", () => {
  it("stays within what a call of the queue takes, and within its memory", { timeout: 60_000 }, async () => {
    for (let part = 0; part < 5; part++)
      await db.insert(log).values(Array.from({ length: 50 }, () => withNote(LARGEST)));
    using watched = watchFetch();
    expect(await drainLog(context)).toBe(250);
    expect(watched.longestAnswer).toBeGreaterThan(6 * 1024 * 1024);
    expect(watched.longestAnswer).toBeLessThan(BATCH_BYTES);
    expect(calls.flat()).toHaveLength(2 * 250);
    for (const call of calls) {
      expect(call.length).toBeLessThanOrEqual(CALL_MESSAGES);
      expect(call.reduce((sum, body) => sum + bytesOf({ body }), 0)).toBeLessThanOrEqual(CALL_BYTES);
    }
  });
});
