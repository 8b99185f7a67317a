import { profiles } from "@souk/db/schema/users";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import {
  befriend,
  newPair,
  newPeople,
  newPerson,
  person,
  stranger,
  type TestPerson,
} from "../../test/person.ts";
import { FoundPage, PublicProfile } from "../people-schemas.ts";
import { app } from "../app.ts";

const db = ownerDatabase();
const USERS = "/api/v1/users";
const ME = `${USERS}/me`;
const uniqueName = () => `n${crypto.randomUUID().replaceAll("-", "")}`;

interface Case {
  viewer: TestPerson;
  /** Whose visibility changes. */
  hidden: TestPerson;
  hiddenName: string;
  /** A third person whom both know. */
  third: TestPerson;
}

const listed = async ({ viewer, hidden }: Case, path: string) =>
  (await viewer.idsOf(path)).includes(hidden.userId);
const answered = async ({ viewer }: Case, path: string) => (await viewer.get(path)).status === 200;

/** Each way on which one person's existence could reach another: whether it does. */
const READ_PATHS: Record<string, (world: Case) => Promise<boolean>> = {
  "GET /api/v1/users/{id}": (world) => answered(world, `${USERS}/${world.hidden.userId}`),
  "GET /api/v1/usernames/{username}": (world) => answered(world, `/api/v1/usernames/${world.hiddenName}`),
  "GET /api/v1/users/{id}/followers": async (world) =>
    (await answered(world, `${USERS}/${world.hidden.userId}/followers`)) ||
    (await listed(world, `${USERS}/${world.third.userId}/followers`)),
  "GET /api/v1/users/{id}/following": async (world) =>
    (await answered(world, `${USERS}/${world.hidden.userId}/following`)) ||
    (await listed(world, `${USERS}/${world.third.userId}/following`)) ||
    (await listed(world, `${USERS}/${world.viewer.userId}/following`)),
  "GET /api/v1/users/{id}/friends": async (world) =>
    (await answered(world, `${USERS}/${world.hidden.userId}/friends`)) ||
    (await listed(world, `${USERS}/${world.third.userId}/friends`)),
  "GET /api/v1/users/search": async ({ viewer, hidden, hiddenName }) =>
    FoundPage.parse(await (await viewer.get(`${USERS}/search?q=${hiddenName}`)).json()).items.some(
      ({ userId }) => userId === hidden.userId,
    ),
  "GET /api/v1/users/relations": async ({ viewer, hidden }) => {
    const { following, followedBy, friend, requestReceived, mayWrite } = await viewer.relationTo(hidden);
    return following || followedBy || friend || requestReceived || mayWrite;
  },
  "GET /api/v1/users/me/friend-requests": async (world) =>
    (await listed(world, `${ME}/friend-requests`)) ||
    (await listed(world, `${ME}/friend-requests?direction=sent`)),
};
/** They show a person only what is their own doing, so that it can be undone. */
const OWN_DOING = ["GET /api/v1/users/me/blocks", "GET /api/v1/users/me/mutes"];
const OWN = [ME, `${ME}/preferences`, `${ME}/privacy`, `${ME}/metrics`].map((path) => `GET ${path}`);

/** Three people, of whom two follow each other and have asked, and are friends of the third. */
async function newWorld(): Promise<Case> {
  const [viewer, hidden, third] = [await newPerson(), await newPerson(), await newPerson()];
  const hiddenName = uniqueName();
  await hidden.put(`${ME}/username`, { username: hiddenName });
  await viewer.change("POST", "following", hidden);
  await hidden.change("POST", "following", viewer);
  await hidden.change("POST", "friend-requests", viewer);
  await hidden.change("POST", "following", third);
  await third.change("POST", "following", hidden);
  await befriend(hidden, third);
  return { viewer, hidden, hiddenName, third };
}

describe("a block", () => {
  it("is tested on every read path that the Worker has", () => {
    const declared = Object.entries(
      app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } }).paths ?? {},
    )
      .filter(([, item]) => item.get !== undefined)
      .map(([path]) => `GET ${path}`);
    expect(declared.toSorted()).toEqual([...Object.keys(READ_PATHS), ...OWN_DOING, ...OWN].toSorted());
  });

  it.each(Object.entries(READ_PATHS))("hides both from each other in %s", async (_path, shows) => {
    const world = await newWorld();
    const reversed = { ...world, viewer: world.hidden, hidden: world.viewer, hiddenName: uniqueName() };
    await world.viewer.put(`${ME}/username`, { username: reversed.hiddenName });
    await world.viewer.change("POST", "following", world.third);
    expect(await shows(world)).toBe(true);
    expect(await shows(reversed)).toBe(true);
    await world.hidden.change("POST", "blocks", world.viewer);
    expect(await shows(world)).toBe(false);
    expect(await shows(reversed)).toBe(false);
    await world.hidden.change("DELETE", "blocks", world.viewer);
    expect((await world.viewer.get(`${USERS}/${world.hidden.userId}`)).status).toBe(200);
  });
});

describe("privacy", () => {
  const HIDING = Object.entries(READ_PATHS).filter(([path]) => !/relations|friend-requests/.test(path));

  it.each(HIDING)("hides who shows themselves to nobody in %s", async (_path, shows) => {
    const world = await newWorld();
    expect(await shows(world)).toBe(true);
    await world.hidden.put(`${ME}/privacy`, { profileVisibility: "nobody" });
    expect(await shows(world)).toBe(false);
    expect(await world.viewer.idsOf(`${USERS}/${world.viewer.userId}/followers`)).toEqual([
      world.hidden.userId,
    ]);
  });

  it.each([
    ["public", { stranger: 200, user: 200, friend: 200, self: 200 }],
    ["user", { stranger: 404, user: 200, friend: 200, self: 200 }],
    ["friend", { stranger: 404, user: 404, friend: 200, self: 200 }],
    ["nobody", { stranger: 404, user: 404, friend: 404, self: 200 }],
  ])("%s shows the profile to whom it says, by id and by name", async (profileVisibility, expected) => {
    const [ada, friend] = await newPair();
    const user = await newPerson();
    const username = uniqueName();
    await ada.put(`${ME}/username`, { username });
    await befriend(ada, friend);
    await ada.put(`${ME}/privacy`, { profileVisibility });
    for (const path of [`${USERS}/${ada.userId}`, `/api/v1/usernames/${username}`]) {
      const [byStranger, byUser, byFriend, bySelf] = await Promise.all([
        stranger(path),
        user.get(path),
        friend.get(path),
        ada.get(path),
      ]);
      expect({
        stranger: byStranger.status,
        user: byUser.status,
        friend: byFriend.status,
        self: bySelf.status,
      }).toEqual(expected);
    }
  });

  it.each([
    ["user", true, true],
    ["followed", false, true],
    ["friend", false, true],
    ["nobody", false, false],
  ])("%s is who may write", async (contactAudience, byUser, byFriend) => {
    const [ada, friend] = await newPair();
    const user = await newPerson();
    await befriend(ada, friend);
    await ada.put(`${ME}/privacy`, { contactAudience });
    expect((await user.relationTo(ada)).mayWrite).toBe(byUser);
    expect((await friend.relationTo(ada)).mayWrite).toBe(byFriend);
    expect((await user.profileOf(ada)).viewer?.mayWrite).toBe(byUser);
    expect((await friend.profileOf(ada)).viewer?.mayWrite).toBe(byFriend);
    expect((await ada.relationTo(ada)).mayWrite).toBe(false);
  });
});

describe("a profile", () => {
  it("tells others nothing that is the owner's alone", async () => {
    const [ada, bob] = await newPair();
    await ada.put(ME, { bio: "Notes", birthDate: "1990-12-10", location: "London" });
    const shown: unknown = await (await bob.get(`${USERS}/${ada.userId}`)).json();
    expect(shown).toMatchObject({ bio: "Notes", location: "London", viewer: { following: false } });
    expect(JSON.stringify(shown)).not.toMatch(/1990|birth|email|privacy|searchable/i);
    expect(await (await stranger(`${USERS}/${ada.userId}`)).json()).toMatchObject({ viewer: null });
    expect(PublicProfile.parse(await (await ada.get(`${USERS}/${ada.userId}`)).json()).viewer).toBeNull();
  });

  it("is 404 for an id of nobody", async () => {
    const ada = person();
    for (const list of ["", "/followers", "/following", "/friends"])
      expect((await ada.get(`${USERS}/${crypto.randomUUID()}${list}`)).status).toBe(404);
  });
});

describe("lists", () => {
  it("come page by page, the newest first, each person once", async () => {
    const [ada, ...fans] = await newPeople(8);
    if (ada === undefined) throw new Error("nobody");
    for (const [index, fan] of fans.entries()) {
      await fan.change("POST", "following", ada);
      if (index % 2 === 0) await befriend(ada, fan);
      else await befriend(fan, ada);
    }
    const newest = fans.map(({ userId }) => userId).toReversed();
    for (const noun of ["followers", "friends"]) {
      const seen: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const page = await ada.list(
          `${USERS}/${ada.userId}/${noun}?limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`,
        );
        expect(page.items.length).toBeLessThanOrEqual(3);
        seen.push(...page.items.map(({ userId }) => userId));
        cursor = page.nextCursor;
      }
      expect([noun, seen]).toEqual([noun, newest]);
    }
    expect(await ada.profileOf(ada)).toMatchObject({ followers: 7, following: 0, friends: 7 });
  });

  it("of requests tell received and sent apart", async () => {
    const [ada, bob] = await newPair();
    const carol = await newPerson();
    await ada.change("POST", "friend-requests", bob);
    await carol.change("POST", "friend-requests", ada);
    expect(await ada.idsOf(`${ME}/friend-requests`)).toEqual([carol.userId]);
    expect(await ada.idsOf(`${ME}/friend-requests?direction=sent`)).toEqual([bob.userId]);
    expect(await ada.idsOf(`${USERS}/${ada.userId}/friends`)).toEqual([]);
  });

  it("of blocks and mutes show whom one can take back, whatever they hide", async () => {
    const [ada, bob] = await newPair();
    await ada.change("POST", "mutes", bob);
    await ada.change("POST", "blocks", bob);
    await bob.change("POST", "blocks", ada);
    await bob.put(`${ME}/privacy`, { profileVisibility: "nobody" });
    expect(await ada.idsOf(`${ME}/blocks`)).toEqual([bob.userId]);
    expect(await ada.idsOf(`${ME}/mutes`)).toEqual([bob.userId]);
    expect(await db.select().from(profiles).where(eq(profiles.userId, bob.userId))).toMatchObject([
      { profileVisibility: "nobody" },
    ]);
  });
});
