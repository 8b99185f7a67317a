import { env } from "cloudflare:workers";
import { log, replays } from "@souk/db/schema/events";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { eventRow } from "@souk/kit/event-log";
import type { Delivery } from "@souk/kit/events";
import { handledBefore, REPLAYABLE_DAYS, replayableFrom } from "@souk/kit/retention";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { Env } from "../env.ts";
import { REPLAYED, ReplayRequest } from "../schemas.ts";
import { replayLog } from "./replay-log.ts";

const db = ownerDatabase();

/** The beginning of a day so many days ago. */
const daysAgo = (days: number): string => {
  const day = new Date(Date.now() - days * 86_400_000);
  return `${day.toISOString().slice(0, 10)}T00:00:00.000Z`;
};

/** An admin whose replays go to a queue of this test. */
function admin(beforeBatch?: (adminId: string) => Promise<void>) {
  const sent: Delivery[] = [];
  const USERS_QUEUE = {
    sendBatch: async (messages: Iterable<{ body: Delivery }>) => {
      await beforeBatch?.(adminId);
      for (const { body } of messages) sent.push(body);
    },
  };
  const context = createContext(parseEnv(Env, { ...env, USERS_QUEUE }), {
    service: "events",
    waitUntil: () => {},
  });
  const adminId = context.newId();
  context.actor = { userId: adminId, email: "a@example.com", role: "admin", sessionId: adminId };
  return { context, adminId, sent };
}

/** Events of a day of their own, seven in each millisecond, among others that the subscriber does not take. */
async function recorded(day: string, count: number): Promise<string[]> {
  const { context } = admin();
  const userId = context.newId();
  const rows = Array.from({ length: count }, (_, n) => ({
    ...eventRow(context, "user.registered", userId, { userId }),
    createdAt: new Date(Date.parse(day) + Math.floor(n / 7)),
  }));
  const other = { ...eventRow(context, "user.verified", userId, { userId }), type: "session.started" };
  for (let start = 0; start < rows.length; start += 1_000)
    await db.insert(log).values(rows.slice(start, start + 1_000));
  await db.insert(log).values({ ...other, createdAt: new Date(day) });
  return rows.map(({ id }) => id);
}

const requestOf = (day: string, cursor?: string) =>
  ReplayRequest.parse({
    subscriber: "users",
    from: day,
    to: new Date(Date.parse(day) + 86_400_000).toISOString(),
    ...(cursor !== undefined && { cursor }),
  });

it("sends a bounded number a call, and by its cursor each event of the part once, in order", async () => {
  const day = daysAgo(40);
  const ids = await recorded(day, 2 * REPLAYED + 5);
  const { context, adminId, sent } = admin();
  const calls: number[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const replay = await replayLog(context, requestOf(day, cursor));
    calls.push(replay.sent);
    const [row] = await db.select().from(replays).where(eq(replays.id, replay.id));
    expect(row).toMatchObject({ sent: replay.sent, requestedBy: adminId });
    cursor = replay.nextCursor;
  }
  expect(calls).toEqual([REPLAYED, REPLAYED, 5]);
  expect(sent).toHaveLength(ids.length);
  expect(new Set(sent.map(({ event }) => event.id))).toEqual(new Set(ids));
  const positions = await db.select().from(log).where(eq(log.type, "user.registered"));
  const at = new Map(positions.map(({ id, createdAt }) => [id, createdAt.getTime()]));
  const times = sent.map(({ event }) => at.get(event.id) ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

it("is recorded with who asked before anything is sent, and with what was sent when it fails", async () => {
  const day = daysAgo(44);
  await recorded(day, 405);
  const known: unknown[] = [];
  const { context, adminId } = admin(async (by) => {
    const rows = await db.select().from(replays).where(eq(replays.requestedBy, by));
    known.push(rows.map(({ sent }) => sent));
    if (known.length === 3) throw new Error("the queue is full");
  });
  await expect(replayLog(context, requestOf(day))).rejects.toThrow();
  expect(known).toEqual([[0], [0], [0]]);
  expect(await db.select().from(replays).where(eq(replays.requestedBy, adminId))).toMatchObject([
    { subscriber: "users", sent: 200 },
  ]);
});

it("has no cursor for a part that one call sends, and takes none that it has not given", async () => {
  const day = daysAgo(42);
  await recorded(day, 3);
  const { context } = admin();
  expect(await replayLog(context, requestOf(day))).toMatchObject({ sent: 3, nextCursor: null });
  for (const cursor of ["nonsense", btoa(`["${day}","1"]`), btoa('["never",null]')])
    await expect(replayLog(context, requestOf(day, cursor))).rejects.toMatchObject({
      code: "invalid_cursor",
    });
});

it("refuses what consumers may have forgotten, and takes what they all remember", async () => {
  const { context, sent } = admin();
  await expect(replayLog(context, requestOf(daysAgo(REPLAYABLE_DAYS + 1)))).rejects.toMatchObject({
    code: "validation_failed",
    details: [{ field: "from", message: "must be within the last 90 days" }],
  });
  expect(sent).toEqual([]);
  expect(await replayLog(context, requestOf(daysAgo(REPLAYABLE_DAYS - 1)))).toMatchObject({ sent: 0 });
  expect(handledBefore(new Date()).getTime()).toBeLessThan(replayableFrom(new Date()).getTime());
});
