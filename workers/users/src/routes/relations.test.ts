import { log } from "@souk/db/schema/events";
import { EVENTS } from "@souk/kit/events";
import { follows, friendships } from "@souk/db/schema/users";
import { inArray, eq, or } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { CHANGES, LEVELS, NaiveGraph, type Change } from "../../test/naive-graph.ts";
import { befriend, newPair, newPeople, person, type TestPerson } from "../../test/person.ts";
import { Relation, Relations } from "../people-schemas.ts";

const db = ownerDatabase();
const PRIVACY = "/api/v1/users/me/privacy";

const eventsOf = async (...people: TestPerson[]) =>
  (
    await db
      .select()
      .from(log)
      .where(
        inArray(
          log.aggregateId,
          people.map(({ userId }) => userId),
        ),
      )
  ).filter(({ type }) => /^(user|friend)\./.test(type));
const typesOf = async (...people: TestPerson[]) => (await eventsOf(...people)).map(({ type }) => type);

const change = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      what: fc.constantFrom(...(Object.keys(CHANGES) as Change[])),
      from: fc.nat(2),
      to: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ show: fc.constantFrom(...LEVELS), from: fc.nat(2) }) },
);

/** What is refused changes nothing: those apart cannot unmute. */
const REFUSED = (["mute", "block", "unmute"] as const).map((what) => ({ what, from: 1, to: 0 }));

describe("any history of what people do to each other", () => {
  it("leaves what a plain model says: answers, relations, profiles, counts and events", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 5, maxLength: 25 }), async (history) => {
        const people = await newPeople(3);
        const ids = people.map(({ userId }) => userId);
        const at = (index: number) => people[index] ?? person();
        const model = new NaiveGraph();
        for (const step of history) {
          const from = at(step.from);
          if ("show" in step) {
            await from.put(PRIVACY, { profileVisibility: step.show });
            model.show(from.userId, step.show);
            continue;
          }
          const to = at(step.to);
          const [method, what, then] = CHANGES[step.what];
          const answer = await from.change(method, what, to, then);
          if (from === to) {
            expect(answer.status).toBe(400);
            continue;
          }
          const allowed = model.change(step.what, from.userId, to.userId);
          expect([step.what, answer.status]).toEqual([step.what, allowed ? 200 : 404]);
          if (allowed)
            expect(Relation.parse(await answer.json())).toEqual(model.relation(from.userId, to.userId));
        }
        for (const one of people) {
          const others = people.filter((other) => other !== one);
          const path = `/api/v1/users/relations?ids=${others.map(({ userId }) => userId).join(",")}`;
          expect(Relations.parse(await (await one.get(path)).json()).items).toEqual(
            others.map((other) => model.relation(one.userId, other.userId)),
          );
          for (const other of people) {
            const answer = await one.get(`/api/v1/users/${other.userId}`);
            expect(answer.status).toBe(model.maySee(one.userId, other.userId) ? 200 : 404);
            if (answer.status === 200)
              expect(await answer.json()).toMatchObject({
                ...model.counts(other.userId, ids),
                viewer: one === other ? null : model.relation(one.userId, other.userId),
              });
          }
        }
        const told = (await eventsOf(...people)).map(
          ({ type, data }) => `${type} ${String(data["userId"])} ${String(data["otherId"])}`,
        );
        expect(told.toSorted()).toEqual(model.events.toSorted());
      }),
      { numRuns: 20, examples: [[REFUSED]] },
    );
  }, 60_000);
});

describe("twenty at once", () => {
  it("follow one person once", async () => {
    const [ada, bob] = await newPair();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.change("POST", "following", bob)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await db.select().from(follows).where(eq(follows.followerId, ada.userId))).toHaveLength(1);
    expect(await typesOf(ada)).toEqual(["user.followed"]);
  });

  it("are twenty followers of one person", async () => {
    const [bob, ...fans] = await newPeople(21);
    if (bob === undefined) throw new Error("no one to follow");
    await Promise.all(fans.map((fan) => fan.change("POST", "following", bob)));
    expect(await bob.profileOf(bob)).toMatchObject({ followers: 20, following: 0 });
  });

  it("accept a request once", async () => {
    const [ada, bob] = await newPair();
    await ada.change("POST", "friend-requests", bob);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => bob.change("POST", "friend-requests", ada, "/accept")),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await typesOf(bob)).filter((type) => type === "friend.accepted")).toHaveLength(1);
  });

  it("asking each other become friends, once", async () => {
    const [ada, bob] = await newPair();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0 ? ada.change("POST", "friend-requests", bob) : bob.change("POST", "friend-requests", ada),
      ),
    );
    expect(
      await db
        .select()
        .from(friendships)
        .where(or(eq(friendships.lowId, ada.userId), eq(friendships.highId, ada.userId))),
    ).toMatchObject([{ status: "accepted" }]);
    expect((await typesOf(ada, bob)).toSorted()).toEqual(["friend.accepted", "friend.requested"]);
  });

  it("accept, decline and cancel: one of them, and the events tell which", async () => {
    const [ada, bob] = await newPair();
    await ada.change("POST", "friend-requests", bob);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        if (i % 3 === 0) return bob.change("POST", "friend-requests", ada, "/decline");
        return i % 3 === 1
          ? bob.change("POST", "friend-requests", ada, "/accept")
          : ada.change("DELETE", "friend-requests", bob);
      }),
    );
    const types = (await typesOf(ada, bob)).filter((type) => type !== "friend.requested");
    expect(types).toHaveLength(1);
    const { friend } = await ada.relationTo(bob);
    expect(friend).toBe(types[0] === "friend.accepted");
    if (!friend) expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("follow, ask and block: a block leaves nothing behind", async () => {
    for (let round = 0; round < 5; round++) {
      const [ada, bob] = await newPair();
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => {
          if (i === 10) return bob.change("POST", "blocks", ada);
          return i % 2 === 0
            ? ada.change("POST", "following", bob)
            : ada.change("POST", "friend-requests", bob);
        }),
      );
      expect(await bob.relationTo(ada)).toMatchObject({
        blocking: true,
        followedBy: false,
        requestReceived: false,
        friend: false,
      });
    }
  });
});

describe("events", () => {
  it("hold what the catalogue says, and are silent for who is muted", async () => {
    const [ada, bob] = await newPair();
    await bob.change("POST", "mutes", ada);
    await ada.change("POST", "following", bob);
    await ada.change("POST", "friend-requests", bob);
    await bob.change("POST", "friend-requests", ada, "/accept");
    const told = await eventsOf(ada, bob);
    const silent = (type: "user.followed" | "friend.requested" | "friend.accepted") =>
      EVENTS[type].data.parse(told.find((event) => event.type === type)?.data).silent;
    expect([silent("user.followed"), silent("friend.requested"), silent("friend.accepted")]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("what is refused", () => {
  const every = Object.values(CHANGES).map(([method, what, then]) => [method, what, then] as const);

  it.each(every)("%s %s%s of oneself, of nobody and of no id", async (method, what, then) => {
    const [ada] = await newPeople(1);
    if (ada === undefined) throw new Error("nobody");
    expect((await ada.change(method, what, ada, then)).status).toBe(400);
    expect((await ada.change(method, what, person(), then)).status).toBe(404);
    expect((await ada.change(method, what, { userId: "1" }, then)).status).toBe(400);
    expect(await typesOf(ada)).toEqual([]);
  });

  it("is a list of ids that is empty, too long or no list", async () => {
    const ada = person();
    const many = Array.from({ length: 101 }, () => crypto.randomUUID()).join(",");
    for (const ids of ["", ",", "x", `${ada.userId},`, many])
      expect((await ada.get(`/api/v1/users/relations?ids=${ids}`)).status).toBe(400);
    const hundred = Array.from({ length: 100 }, () => crypto.randomUUID());
    const answer = await ada.get(`/api/v1/users/relations?ids=${hundred.join(",")}`);
    expect(Relations.parse(await answer.json()).items.map(({ userId }) => userId)).toEqual(hundred);
  });

  it("knows an id in capitals for the same person", async () => {
    const [ada, bob] = await newPair();
    await ada.change("POST", "following", { userId: bob.userId.toUpperCase() });
    await befriend(ada, bob);
    expect(await ada.relationTo(bob)).toMatchObject({ following: true, friend: true });
    expect(z.object({ friend: z.literal(true) }).parse(await bob.relationTo(ada)).friend).toBe(true);
  });
});
