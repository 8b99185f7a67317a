import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { log } from "@souk/db/schema/events";
import {
  blocks,
  follows,
  friendships,
  metrics,
  mutes,
  preferences,
  profiles,
  usernames,
} from "@souk/db/schema/users";
import type { Delivery, EventData, EventType } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import { and, eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { befriend, newPair, newPeople, newPerson, person, type TestPerson } from "../../test/person.ts";
import worker from "../index.ts";

const db = ownerDatabase();
const TABLES = { usernames, profiles, preferences, metrics, follows, friendships, blocks, mutes };
const ME = "/api/v1/users/me";

function delivery<T extends EventType>(type: T, data: EventData<T>): Delivery {
  return {
    subscriber: "users",
    event: {
      specversion: "1.0",
      id: uuidv7(new Date()),
      type,
      source: "test",
      time: new Date().toISOString(),
      datacontenttype: "application/json",
      aggregateid: "test",
      version: 1,
      traceparent: null,
      data,
    },
  };
}

async function consumeAll(...deliveries: Delivery[]): Promise<number> {
  const batch = createMessageBatch<Delivery>(
    "users-events",
    deliveries.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body })),
  );
  const executionContext = createExecutionContext();
  await worker.queue(batch, env, executionContext);
  return (await getQueueResult(batch, executionContext)).explicitAcks.length;
}

const erasure = ({ userId }: TestPerson): Delivery =>
  delivery("person.erasure_requested", { userId, erasureId: uuidv7(new Date()) });
const followed = (one: TestPerson, other: TestPerson): Delivery =>
  delivery("user.followed", { userId: one.userId, otherId: other.userId, silent: false });

/** How many rows of each table name a person, wherever. */
async function rowsOf({ userId }: TestPerson): Promise<Record<string, number>> {
  const counts = await Promise.all(
    Object.entries(TABLES).map(async ([name, table]) => {
      const rows = await db.execute(
        sql`SELECT FROM ${table} AS stored WHERE strpos(stored::text, ${userId}::text) > 0`,
      );
      return [name, rows.rows.length] as const;
    }),
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

const countsTold = async ({ userId }: TestPerson) => {
  const rows = await db
    .select({ data: log.data })
    .from(log)
    .where(and(eq(log.aggregateId, userId), eq(log.type, "person.data_erased")))
    .orderBy(log.id);
  return rows.map(({ data }) => data["counts"]);
};

describe("person.erasure_requested", () => {
  it("erases what is the person's and what is between them and others, whoever began it", async () => {
    const [ada, bob] = await newPair();
    const [cyd = bob, dan = bob] = await newPeople(2);
    await ada.put(`${ME}/username`, { username: `ada${ada.userId.slice(-12)}` });
    await befriend(ada, bob);
    for (const [what, other] of [
      ["following", bob],
      ["mutes", bob],
      ["blocks", dan],
    ] as const) {
      expect((await ada.change("POST", what, other)).status).toBe(200);
    }
    for (const what of ["following", "friend-requests", "mutes"])
      expect((await cyd.change("POST", what, ada)).status).toBe(200);
    await dan.change("POST", "blocks", ada);
    await bob.change("POST", "following", cyd);
    await consumeAll(followed(ada, bob), followed(bob, ada));
    const all = {
      usernames: 1,
      profiles: 1,
      preferences: 1,
      metrics: 2,
      follows: 2,
      friendships: 2,
      blocks: 2,
      mutes: 2,
    };
    expect(await rowsOf(ada)).toEqual(all);
    const request = erasure(ada);
    expect(await consumeAll(request)).toBe(1);
    expect(await rowsOf(ada)).toEqual({});
    expect(await rowsOf(bob)).toMatchObject({ profiles: 1, metrics: 2, follows: 1 });
    await consumeAll(request);
    const none = Object.fromEntries(Object.keys(all).map((table) => [table, 0]));
    expect(await countsTold(ada)).toEqual([all, none]);
  });

  it("is final: what comes late or at the same moment stores nothing of them anew", async () => {
    for (let round = 0; round < 8; round += 1) {
      const [ada, bob] = await newPair();
      const late = Array.from({ length: 4 }, () => followed(bob, ada));
      const beside = await Promise.all([
        ...late.map((event) => consumeAll(event)),
        consumeAll(erasure(ada)),
        bob.change("POST", "following", ada),
        bob.change("POST", "mutes", ada),
        bob.change("POST", "friend-requests", ada),
      ]);
      expect(beside).toHaveLength(8);
      expect(await consumeAll(followed(bob, ada), followed(ada, bob))).toBe(2);
      expect((await bob.change("POST", "blocks", ada)).status).toBe(404);
      expect(await rowsOf(ada)).toEqual({});
      const [gained] = await db
        .select({ count: metrics.count })
        .from(metrics)
        .where(and(eq(metrics.userId, bob.userId), eq(metrics.metric, "peopleFollowed")));
      expect(gained?.count).toBe(5);
    }
  });

  it("makes no profile of whom `auth` still knew when it was asked, and one at most of twenty at once", async () => {
    const [ada] = await newPair();
    expect((await ada.get(ME)).status).toBe(200);
    await consumeAll(erasure(ada));
    // Here `auth` goes on giving the contact, as it does to who asked just before.
    for (const path of [ME, `${ME}/privacy`]) expect((await ada.get(path)).status).toBe(404);
    expect((await ada.put(`${ME}/username`, { username: `ada${ada.userId.slice(-12)}` })).status).toBe(404);
    expect(await consumeAll(delivery("user.registered", { userId: ada.userId }))).toBe(1);
    expect(await rowsOf(ada)).toEqual({});
    const bob = person();
    const answers = await Promise.all(Array.from({ length: 20 }, () => bob.get(ME)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await rowsOf(bob)).toEqual({ profiles: 1, preferences: 1 });
  });

  it("leaves the name free", async () => {
    const [ada, name] = [await newPerson(), `n${crypto.randomUUID().slice(-12)}`];
    await ada.put(`${ME}/username`, { username: name });
    await consumeAll(erasure(ada));
    const bob = await newPerson();
    expect((await bob.put(`${ME}/username`, { username: name })).status).toBe(200);
  });
});
