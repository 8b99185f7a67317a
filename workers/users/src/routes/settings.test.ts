import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { log } from "@souk/db/schema/events";
import { inbox, metrics, profiles, usernames } from "@souk/db/schema/users";
import { EVENTS, type Delivery, type EventType } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import { and, eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { newPair, newPeople, newPerson, person, type TestPerson } from "../../test/person.ts";
import worker from "../index.ts";
import { Metrics } from "../people-schemas.ts";
import { Privacy, Profile } from "../schemas.ts";

const db = ownerDatabase();
const ME = "/api/v1/users/me";
const BY_NAME = "/api/v1/usernames";
const uniqueName = () => `n${crypto.randomUUID().replaceAll("-", "")}`;
const rename = (someone: TestPerson, username: string) => someone.put(`${ME}/username`, { username });
const told = async ({ userId }: TestPerson, type: EventType) =>
  (
    await db
      .select()
      .from(log)
      .where(and(eq(log.type, type), eq(log.aggregateId, userId)))
  ).map(({ data }) => EVENTS[type].data.parse(data));

describe("a username", () => {
  it("is found in any case, and shown as it was written", async () => {
    const ada = await newPerson();
    const name = `Ada_${uniqueName()}`;
    expect(Profile.parse(await (await rename(ada, name)).json()).username).toBe(name);
    for (const asked of [name, name.toLowerCase(), name.toUpperCase()])
      expect(await (await ada.get(`${BY_NAME}/${asked}`)).json()).toMatchObject({
        userId: ada.userId,
        username: name,
      });
    expect(await told(ada, "username.changed")).toEqual([{ userId: ada.userId, username: name }]);
  });

  it("that was changed leads to the new one, and is nobody else's, but its owner may take it back", async () => {
    const [ada, bob] = await newPair();
    const [first, second] = [uniqueName(), uniqueName()];
    await rename(ada, first);
    expect((await rename(ada, second)).status).toBe(200);
    const moved = await ada.get(`${BY_NAME}/${first.toUpperCase()}`);
    expect(moved.status).toBe(308);
    expect(moved.headers.get("location")).toBe(`${BY_NAME}/${second}`);
    expect(await moved.json()).toEqual({ movedTo: second });
    expect((await rename(bob, first.toUpperCase())).status).toBe(409);
    await db
      .update(profiles)
      .set({ usernameChangedAt: sql`now() - interval '31 days'` })
      .where(eq(profiles.userId, ada.userId));
    expect((await rename(ada, first)).status).toBe(200);
    expect((await ada.get(`${BY_NAME}/${second}`)).headers.get("location")).toBe(`${BY_NAME}/${first}`);
    await bob.change("POST", "blocks", ada);
    expect((await bob.get(`${BY_NAME}/${second}`)).status).toBe(404);
  });

  it("is changed once in thirty days; the same name again is no change", async () => {
    const ada = await newPerson();
    const name = uniqueName();
    await rename(ada, uniqueName());
    await rename(ada, name);
    expect((await rename(ada, name)).status).toBe(200);
    const refused = await rename(ada, uniqueName());
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      code: "too_many_requests",
      retryAfter: expect.closeTo(30 * 86_400, -2),
    });
    expect(await told(ada, "username.changed")).toHaveLength(2);
    await db
      .update(profiles)
      .set({ usernameChangedAt: sql`now() - interval '30 days'` })
      .where(eq(profiles.userId, ada.userId));
    expect((await rename(ada, uniqueName())).status).toBe(200);
  });

  it("goes to one of twenty who want it at once", async () => {
    const people = await newPeople(20);
    const name = uniqueName();
    const answers = await Promise.all(
      people.map((someone, i) => rename(someone, i % 2 === 0 ? name : name.toUpperCase())),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, ...Array<number>(19).fill(409)]);
    const holders = await db
      .select()
      .from(profiles)
      .where(sql`lower(username) = ${name}`);
    expect(holders).toHaveLength(1);
    expect(await db.select().from(usernames).where(eq(usernames.name, name))).toMatchObject([
      { userId: holders[0]?.userId },
    ]);
  });

  it("is changed once by one person who sends twenty changes at once", async () => {
    const ada = await newPerson();
    await rename(ada, uniqueName());
    const answers = await Promise.all(Array.from({ length: 20 }, () => rename(ada, uniqueName())));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array<number>(19).fill(429),
    ]);
    expect(await db.select().from(usernames).where(eq(usernames.userId, ada.userId))).toHaveLength(2);
  });

  it.each(["ad", "1ada", "_ada", "ada-l", "ada lovelace", "ädä", "admin", "Support", "null", "x".repeat(51)])(
    "is not %s",
    async (username) => {
      const ada = await newPerson();
      expect((await rename(ada, username)).status).toBe(400);
      expect((await ada.get(`${BY_NAME}/${encodeURIComponent(username)}`)).status).toBe(400);
    },
  );
});

describe("privacy", () => {
  it("has defaults, keeps what a change leaves out, and tells each change", async () => {
    const ada = person();
    const before = Privacy.parse(await (await ada.get(`${ME}/privacy`)).json());
    expect(before).toEqual({
      profileVisibility: "public",
      activityVisibility: "friend",
      contactAudience: "user",
      searchable: true,
    });
    const after = Privacy.parse(await (await ada.put(`${ME}/privacy`, { searchable: false })).json());
    expect(after).toEqual({ ...before, searchable: false });
    expect(await told(ada, "privacy.updated")).toEqual([{ userId: ada.userId, ...after }]);
    for (const change of [
      { profileVisibility: "friends" },
      { contactAudience: "public" },
      { searchable: "no" },
    ])
      expect((await ada.put(`${ME}/privacy`, change)).status).toBe(400);
  });
});

describe("my profile", () => {
  it("keeps a day of birth that can be one", async () => {
    const ada = await newPerson();
    expect(await (await ada.put(ME, { birthDate: "1815-12-10" })).text()).toContain("validation_failed");
    expect(await (await ada.put(ME, { birthDate: "1990-12-10" })).json()).toMatchObject({
      birthDate: "1990-12-10",
    });
    for (const birthDate of ["2990-01-01", "1990-02-30", "10.12.1990"])
      expect((await ada.put(ME, { birthDate })).status).toBe(400);
    expect(await told(ada, "profile.updated")).toContainEqual({ userId: ada.userId, fields: ["birthDate"] });
  });
});

const deliveryOf = (type: EventType, data: Record<string, unknown>, time: string): Delivery => ({
  subscriber: "users",
  event: {
    specversion: "1.0",
    id: uuidv7(new Date()),
    type,
    source: "users",
    time,
    datacontenttype: "application/json",
    aggregateid: String(data["userId"]),
    version: 1,
    traceparent: null,
    data,
  },
});
const consumeAll = async (deliveries: Delivery[]) => {
  const batch = createMessageBatch<Delivery>(
    "users-events",
    deliveries.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body })),
  );
  const executionContext = createExecutionContext();
  await worker.queue(batch, env, executionContext);
  return (await getQueueResult(batch, executionContext)).explicitAcks.length;
};
const metricsOf = async (someone: TestPerson, days: number) =>
  Metrics.parse(await (await someone.get(`${ME}/metrics?days=${days}`)).json());

describe("metrics", () => {
  it("count what each did and what was done towards each, once, whatever comes how often", async () => {
    const pair = fc.constantFrom<[0 | 1, 0 | 1]>([0, 1], [1, 0]);
    const happened = fc.record({
      type: fc.constantFrom("user.followed", "user.unfollowed", "friend.accepted", "profile.updated"),
      pair,
      times: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(happened, { maxLength: 12 }), async (history) => {
        const people = await newPair();
        const time = new Date().toISOString();
        const events = history.map(({ type, pair: [from, to], times }) => ({
          type,
          from,
          times,
          event: deliveryOf(
            type,
            { userId: people[from].userId, otherId: people[to].userId, silent: false, fields: [] },
            time,
          ),
        }));
        const deliveries = events.flatMap(({ event, times }) => Array<Delivery>(times).fill(event));
        expect(await consumeAll(deliveries)).toBe(deliveries.length);
        for (const index of [0, 1] as const) {
          const count = (type: string, byMe: boolean) =>
            events.filter((one) => one.type === type && (one.from === index) === byMe).length;
          const { behaviour, engagement, activeDays } = await metricsOf(people[index], 1);
          expect(behaviour).toMatchObject({
            peopleFollowed: count("user.followed", true),
            peopleUnfollowed: count("user.unfollowed", true),
            friendRequestsAccepted: count("friend.accepted", true),
            profileChanges: count("profile.updated", true),
          });
          expect(engagement).toMatchObject({
            followersGained: count("user.followed", false),
            followersLost: count("user.unfollowed", false),
            friendsGained: count("friend.accepted", true) + count("friend.accepted", false),
          });
          expect(activeDays).toBe(events.some(({ from }) => from === index) ? 1 : 0);
        }
      }),
      { numRuns: 15 },
    );
  });

  it("are right when twenty batches come at once", async () => {
    const [ada, bob] = await newPair();
    const time = new Date().toISOString();
    const events = Array.from({ length: 20 }, (_, i) => {
      const [from, to] = i % 2 === 0 ? [ada, bob] : [bob, ada];
      return deliveryOf("user.followed", { userId: from.userId, otherId: to.userId, silent: false }, time);
    });
    await Promise.all(events.map((event) => consumeAll([event, event])));
    for (const someone of [ada, bob]) {
      const { behaviour, engagement } = await metricsOf(someone, 1);
      expect([behaviour.peopleFollowed, engagement.followersGained]).toEqual([10, 10]);
    }
    expect(
      await db
        .select()
        .from(inbox)
        .where(eq(inbox.eventId, events[0]?.event.id ?? "")),
    ).toHaveLength(1);
  });

  it("look back as many days as asked, by the day on which it happened, in UTC", async () => {
    const ada = await newPerson();
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    const change = (time: string) =>
      deliveryOf("preferences.updated", { userId: ada.userId, notifications: true, updatedAt: time }, time);
    await consumeAll([change(daysAgo(0)), change(daysAgo(6)), change(daysAgo(7))]);
    const { from, to, behaviour, activeDays } = await metricsOf(ada, 7);
    expect([from, to]).toEqual([daysAgo(6).slice(0, 10), daysAgo(0).slice(0, 10)]);
    expect([behaviour.preferenceChanges, activeDays]).toEqual([2, 2]);
    expect((await metricsOf(ada, 8)).behaviour.preferenceChanges).toBe(3);
    expect((await metricsOf(await newPerson(), 365)).activeDays).toBe(0);
    for (const days of ["0", "366", "1.5", "x"])
      expect((await ada.get(`${ME}/metrics?days=${days}`)).status).toBe(400);
  });

  it("give others the day of the last activity only where they may see it", async () => {
    const [ada, bob] = await newPair();
    const time = new Date().toISOString();
    await consumeAll([deliveryOf("profile.updated", { userId: ada.userId, fields: [] }, time)]);
    expect((await bob.profileOf(ada)).lastActiveOn).toBeNull();
    await ada.put(`${ME}/privacy`, { activityVisibility: "user" });
    expect((await bob.profileOf(ada)).lastActiveOn).toBe(time.slice(0, 10));
    await consumeAll([
      deliveryOf("user.followed", { userId: ada.userId, otherId: bob.userId, silent: false }, time),
    ]);
    expect((await bob.profileOf(bob)).lastActiveOn).toBeNull();
    expect(await db.select().from(metrics).where(eq(metrics.userId, bob.userId))).toHaveLength(1);
  });
});
