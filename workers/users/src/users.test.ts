import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { log } from "@souk/db/schema/events";
import { preferences, profiles } from "@souk/db/schema/users";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { EVENTS, type Delivery } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import { and, eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../test/owner-database.ts";
import worker from "./index.ts";
import { Preferences, Profile } from "./schemas.ts";

const db = ownerDatabase();
const ME = "/api/v1/users/me";
const MY_PREFERENCES = "/api/v1/users/me/preferences";

/** One person's requests. */
const person = (userId: string = uuidv7(new Date())) => {
  const actor = encodeActor({ userId, email: "ada@example.com", role: "user", sessionId: userId });
  const headers = { [ACTOR_HEADER]: actor, "content-type": "application/json" };
  const call = (method: string, path: string, body?: unknown) =>
    exports.default.fetch(`https://souk.test${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    userId,
    get: (path: string) => call("GET", path),
    put: (path: string, body: unknown) => call("PUT", path, body),
  };
};

const registered = (userId: string): Delivery => ({
  subscriber: "users",
  event: {
    specversion: "1.0",
    id: uuidv7(new Date()),
    type: "user.registered",
    source: "auth",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    aggregateid: userId,
    version: 1,
    traceparent: null,
    data: { userId },
  },
});

const consumeAll = async (...deliveries: Delivery[]) => {
  const batch = createMessageBatch<Delivery>(
    "users-events",
    deliveries.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body })),
  );
  const executionContext = createExecutionContext();
  await worker.queue(batch, env, executionContext);
  return getQueueResult(batch, executionContext);
};

const profileRows = (userId: string) => db.select().from(profiles).where(eq(profiles.userId, userId));
const preferenceRows = (userId: string) =>
  db.select().from(preferences).where(eq(preferences.userId, userId));
const updates = (userId: string) =>
  db
    .select()
    .from(log)
    .where(and(eq(log.type, "preferences.updated"), eq(log.aggregateId, userId)));

describe("user.registered", () => {
  it("makes a profile with the account's names, and default preferences", async () => {
    const ada = person();
    const result = await consumeAll(registered(ada.userId));
    expect(result.explicitAcks).toHaveLength(1);
    expect(await profileRows(ada.userId)).toMatchObject([
      { firstName: "Ada", lastName: "Lovelace", displayName: null },
    ]);
    expect(await preferenceRows(ada.userId)).toMatchObject([
      {
        notifications: true,
        theme: "system",
        language: "en",
        timeZone: "UTC",
        currency: "USD",
        weightUnit: "toz",
      },
    ]);
  });

  it("makes them once, however often and beside whatever it arrives", async () => {
    const ada = person();
    const event = registered(ada.userId);
    await Promise.all([
      consumeAll(event, event, event),
      consumeAll(event),
      ada.get(ME),
      ada.get(MY_PREFERENCES),
    ]);
    expect(await profileRows(ada.userId)).toHaveLength(1);
    expect(await preferenceRows(ada.userId)).toHaveLength(1);
  });

  it("does not overwrite what the person changed before it came", async () => {
    const ada = person();
    expect((await ada.put(ME, { firstName: "Augusta", bio: "Notes" })).status).toBe(200);
    expect((await ada.put(MY_PREFERENCES, { theme: "dark" })).status).toBe(200);
    await consumeAll(registered(ada.userId), registered(ada.userId));
    expect(await profileRows(ada.userId)).toMatchObject([
      { firstName: "Augusta", lastName: "Lovelace", bio: "Notes" },
    ]);
    expect(await preferenceRows(ada.userId)).toMatchObject([{ theme: "dark" }]);
  });

  it("does nothing for an account that is gone", async () => {
    const userId = `00000000-0000-7000-8000-${crypto.randomUUID().slice(-12)}`;
    expect((await consumeAll(registered(userId))).explicitAcks).toHaveLength(1);
    expect(await profileRows(userId)).toEqual([]);
    expect((await person(userId).get(ME)).status).toBe(404);
  });
});

describe("my profile", () => {
  it("is there at once, also for twenty first reads at a time", async () => {
    const ada = person();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.get(ME)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const bodies = await Promise.all(answers.map(async (answer) => Profile.parse(await answer.json())));
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(bodies[0]).toMatchObject({ userId: ada.userId, firstName: "Ada", lastName: "Lovelace" });
    expect(await profileRows(ada.userId)).toHaveLength(1);
    await consumeAll(registered(ada.userId));
    expect(await (await ada.get(ME)).json()).toEqual(bodies[0]);
  });

  it("keeps fields that a change leaves out, and clears with null", async () => {
    const ada = person();
    const change = {
      displayName: "Ada",
      bio: "B",
      location: "London",
      website: "https://ada.example",
      avatarUrl: "https://img.example/a.png",
    };
    expect(Profile.parse(await (await ada.put(ME, change)).json())).toMatchObject({
      ...change,
      firstName: "Ada",
    });
    const cleared = Profile.parse(await (await ada.put(ME, { bio: null })).json());
    expect(cleared).toMatchObject({ ...change, bio: null });
    expect(Profile.parse(await (await ada.get(ME)).json())).toEqual(cleared);
  });

  it("is each person's own", async () => {
    const [ada, grace] = [person(), person()];
    await ada.put(ME, { bio: "Ada's" });
    expect(await (await grace.get(ME)).json()).toMatchObject({ userId: grace.userId, bio: null });
  });

  it.each([
    { website: "http://ada.example" },
    { website: "javascript:alert(1)" },
    { avatarUrl: "data:image/png;base64,AA==" },
    { avatarUrl: "https://localhost/a.png" },
    { website: "https://ada.example@evil.example" },
    { firstName: "" },
    { firstName: "   " },
    { firstName: null },
    { lastName: "x".repeat(101) },
    { bio: "x".repeat(1001) },
    { userId: crypto.randomUUID() },
    [],
  ])("refuses %j", async (change) => {
    const ada = person();
    expect((await ada.put(ME, change)).status).toBe(400);
    expect(await profileRows(ada.userId)).toEqual([]);
  });

  it("is refused to strangers", async () => {
    for (const path of [ME, MY_PREFERENCES])
      expect((await exports.default.fetch(`https://souk.test${path}`)).status).toBe(401);
  });
});

describe("my preferences", () => {
  it("are stored once, also for twenty first reads at a time", async () => {
    const ada = person();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.get(MY_PREFERENCES)));
    const bodies = await Promise.all(answers.map(async (answer) => Preferences.parse(await answer.json())));
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(await preferenceRows(ada.userId)).toHaveLength(1);
    expect(await updates(ada.userId)).toEqual([]);
  });

  it("tell each change by an event that the catalogue knows", async () => {
    const ada = person();
    const changed = Preferences.parse(await (await ada.put(MY_PREFERENCES, { notifications: false })).json());
    expect(changed.notifications).toBe(false);
    const events = await updates(ada.userId);
    expect(events).toHaveLength(1);
    expect(EVENTS["preferences.updated"].data.parse(events[0]?.data)).toEqual({
      userId: ada.userId,
      notifications: false,
      updatedAt: changed.updatedAt,
    });
  });

  it("leave, after twenty changes at a time, a newest event that tells the stored state", async () => {
    const ada = person();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => ada.put(MY_PREFERENCES, { notifications: i % 2 === 0 })),
    );
    const told = (await updates(ada.userId)).map((event) =>
      EVENTS["preferences.updated"].data.parse(event.data),
    );
    expect(new Set(told.map(({ updatedAt }) => updatedAt)).size).toBe(20);
    const newest = told.toSorted((a, b) => a.updatedAt.localeCompare(b.updatedAt)).at(-1);
    const stored = Preferences.parse(await (await ada.get(MY_PREFERENCES)).json());
    expect(newest).toMatchObject({ notifications: stored.notifications, updatedAt: stored.updatedAt });
  });

  it("tell a later time than the last change, also when the clock of the isolate before ran ahead", async () => {
    const ada = person();
    await ada.put(MY_PREFERENCES, { notifications: false });
    const ahead = new Date("2100-01-01T00:00:00.000Z");
    await db.update(preferences).set({ updatedAt: ahead }).where(eq(preferences.userId, ada.userId));
    const changed = Preferences.parse(await (await ada.put(MY_PREFERENCES, { notifications: true })).json());
    expect(changed.updatedAt).toBe("2100-01-01T00:00:00.001Z");
    expect((await updates(ada.userId)).map(({ data }) => data.updatedAt)).toContain(changed.updatedAt);
  });

  it("take any zone, language and currency of the standards, and canonical forms", async () => {
    const ada = person();
    for (const timeZone of [
      "UTC",
      "Europe/Berlin",
      "America/Argentina/Buenos_Aires",
      "Asia/Kolkata",
      "Asia/Calcutta",
    ]) {
      expect((await ada.put(MY_PREFERENCES, { timeZone })).status).toBe(200);
    }
    expect(await (await ada.put(MY_PREFERENCES, { language: "EN-gb" })).json()).toMatchObject({
      language: "en-GB",
    });
    expect((await ada.put(MY_PREFERENCES, { currency: "KWD", weightUnit: "tola" })).status).toBe(200);
  });

  it.each([
    { timeZone: "Mars/Olympus" },
    { timeZone: "+03:00" },
    { timeZone: "" },
    { language: "english_language" },
    { language: "" },
    { currency: "usd" },
    { currency: "ZZZ" },
    { theme: "pink" },
    { weightUnit: "stone" },
    { notifications: "no" },
    { userId: crypto.randomUUID() },
  ])("refuse %j", async (change) => {
    const ada = person();
    expect((await ada.put(MY_PREFERENCES, change)).status).toBe(400);
    expect(await preferenceRows(ada.userId)).toEqual([]);
  });

  it("refuse any text that Intl does not know as a zone, without an error of ours", async () => {
    const ada = person();
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 40 }), async (timeZone) => {
        expect([200, 400]).toContain((await ada.put(MY_PREFERENCES, { timeZone })).status);
      }),
      { numRuns: 30 },
    );
  });
});
