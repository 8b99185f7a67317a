import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { log } from "@souk/db/schema/events";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { eventRow } from "@souk/kit/event-log";
import { Delivery } from "@souk/kit/events";
import { eq, isNull, sql } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { Env } from "../env.ts";
import worker from "../index.ts";
import { drainLog } from "./drain-log.ts";

const db = ownerDatabase();

/** A context whose queues keep what they are given, and may fail. */
function contextWithQueues(fail: () => boolean = () => false) {
  const sent: Delivery[] = [];
  const queue = {
    sendBatch: async (messages: Iterable<{ body: unknown }>) => {
      if (fail()) throw new Error("queue is away");
      for (const message of messages) sent.push(Delivery.parse(message.body));
    },
  };
  const parsed = parseEnv(Env, {
    ...env,
    GATEWAY_QUEUE: queue,
    AUTH_QUEUE: queue,
    USERS_QUEUE: queue,
    ALERTS_QUEUE: queue,
    NOTIFICATIONS_QUEUE: queue,
    EMAIL_URGENT_QUEUE: queue,
    EMAIL_BULK_QUEUE: queue,
    CHAT_QUEUE: queue,
  });
  return { context: createContext(parsed, { service: "events", waitUntil: () => {} }), sent };
}

const registered = async (count: number): Promise<string[]> => {
  const { context } = contextWithQueues();
  const rows = Array.from({ length: count }, () => {
    const userId = context.newId();
    return eventRow(context, "user.registered", userId, { userId });
  });
  await db.insert(log).values(rows);
  return rows.map((row) => row.id);
};

beforeEach(async () => {
  await db.delete(log);
});

describe("drainLog", () => {
  it("sends each event to each of its subscribers and marks it sent", async () => {
    const ids = await registered(3);
    const { context, sent } = contextWithQueues();
    expect(await drainLog(context)).toBe(3);
    for (const subscriber of ["users", "notifications", "email-urgent"]) {
      expect(
        sent.filter((delivery) => delivery.subscriber === subscriber).map(({ event }) => event.id),
      ).toEqual(ids);
    }
    expect(sent).toHaveLength(9);
    expect(await db.select().from(log).where(isNull(log.sentAt))).toEqual([]);
    expect(await drainLog(context)).toBe(0);
  });

  it("has nothing to do with what nobody is told of, but with whoever is erased", async () => {
    const { context } = contextWithQueues();
    const userId = context.newId();
    const unheard = eventRow(context, "message.read", userId, { userId, conversationId: userId, seq: 1 });
    await db.insert(log).values(unheard);
    expect(context.appended.events).toBe(false);
    expect(await drainLog(context)).toBe(0);
    await db.insert(log).values(eventRow(context, "account.erased", userId, { userId, erasureId: userId }));
    expect(context.appended.events).toBe(true);
    expect(await drainLog(context)).toBe(1);
  });

  it("sends each event once, however many drains run at a time", async () => {
    await registered(450);
    const drains = Array.from({ length: 20 }, () => contextWithQueues());
    const counts = await Promise.all(drains.map(({ context }) => drainLog(context)));
    expect(counts.reduce((a, b) => a + b, 0)).toBe(450);
    const keys = drains.flatMap(({ sent }) =>
      sent.map(({ subscriber, event }) => `${subscriber} ${event.id}`),
    );
    expect(new Set(keys).size).toBe(3 * 450);
    expect(keys).toHaveLength(3 * 450);
  });

  it("leaves what it could not send to a later drain, once its claim is over", async () => {
    const [id] = await registered(1);
    const failing = contextWithQueues(() => true);
    await expect(drainLog(failing.context)).rejects.toThrow("queue is away");
    const { context, sent } = contextWithQueues();
    expect(await drainLog(context)).toBe(0);
    await db.update(log).set({ claimedUntil: sql`now() - interval '1 second'` });
    expect(await drainLog(context)).toBe(1);
    expect(new Set(sent.map(({ event }) => event.id))).toEqual(new Set([id]));
  });

  it("does not let a row that is no event stop the others", async () => {
    const [id] = await registered(1);
    const { context, sent } = contextWithQueues();
    await db.insert(log).values({
      ...eventRow(context, "user.verified", context.newId(), { userId: context.newId() }),
      type: "from.the.future",
    });
    await drainLog(context);
    expect(new Set(sent.map(({ event }) => event.id))).toEqual(new Set([id]));
    expect(await db.select().from(log).where(isNull(log.sentAt))).toEqual([]);
  });

  it("runs on the minute sweep", async () => {
    const [id = ""] = await registered(1);
    const executionContext = createExecutionContext();
    await worker.scheduled({ cron: "* * * * *", scheduledTime: Date.now() }, env, executionContext);
    await waitOnExecutionContext(executionContext);
    const [row] = await db.select().from(log).where(eq(log.id, id));
    expect(row?.sentAt).not.toBeNull();
  });
});
