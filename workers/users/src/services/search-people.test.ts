import { profiles } from "@souk/db/schema/users";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { befriend, newPair, newPerson, person, stranger, type TestPerson } from "../../test/person.ts";
import { SIMILARITY } from "../limits.ts";
import { FoundPage } from "../people-schemas.ts";
import { searchStatement } from "../queries/search.ts";

const db = ownerDatabase();
const ME = "/api/v1/users/me";
const CROWD = 20_000;
const PATIENT = 60_000;

const search = async (someone: TestPerson, q: string, more = "") => {
  const answer = await someone.get(`/api/v1/users/search?q=${encodeURIComponent(q)}${more}`);
  return FoundPage.parse(await answer.json());
};
const found = async (someone: TestPerson, q: string) =>
  (await search(someone, q, "&limit=100")).items.map(({ userId }) => userId);

/** Names of two made-up words, so that a search has few true answers among many people. */
beforeAll(async () => {
  await db.execute(sql`INSERT INTO ${profiles} (id, user_id, first_name, last_name, bio, location, created_at, updated_at)
    SELECT gen_random_uuid(), gen_random_uuid(), initcap(substr(md5(n::text), 1, 8)), initcap(substr(md5((n * 7)::text), 3, 9)),
      'makes ' || substr(md5((n * 3)::text), 1, 7), 'Town ' || n % 500, now(), now() FROM generate_series(1, ${CROWD}) n`);
  await db.execute(sql`ANALYZE ${profiles}`);
}, PATIENT);

describe("people search", () => {
  it("forgives spelling, and finds by part of a name, by username, and by words of the profile", async () => {
    const [ada, seeker] = await newPair();
    await ada.put(ME, {
      firstName: "Wilhelmina",
      lastName: "Brzezinska",
      bio: "Restores astrolabes",
      location: "Timbuktu",
    });
    await ada.put(`${ME}/username`, { username: "quadrant_keeper" });
    for (const q of [
      "Wilhelmina Brzezinska",
      "wilhelmina",
      "WILHELMINA",
      "Willhelmina",
      "Wilhelmnia",
      "Wihelmina",
      "Brezinska",
      "wilhelm",
      "quadrant_keeper",
      "astrolabes",
      "Timbuktu",
    ])
      expect([q, await found(seeker, q)]).toEqual([q, [ada.userId]]);
    for (const q of ["Zygmunt", "Restored telescopes"])
      expect(await found(seeker, q)).not.toContain(ada.userId);
  });

  it("finds names of every script", async () => {
    const [ada, seeker] = await newPair();
    await ada.put(ME, { firstName: "Жозефина", lastName: "Ünalmış", displayName: "ليلى" });
    for (const q of ["жозефина", "Жозифина", "ünalmış", "ليلى"])
      expect([q, await found(seeker, q)]).toEqual([q, [ada.userId]]);
  });

  it("shows the best match first, page by page, each person once", async () => {
    const seeker = await newPerson();
    const people = await Promise.all(
      ["Xanthippe", "Xanthippa", "Xanthipp"].flatMap((firstName) =>
        Array.from({ length: 3 }, () => newPerson({ firstName, lastName: "Oz" })),
      ),
    );
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: FoundPage = await search(
        seeker,
        "xanthippe",
        `&limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...page.items.map(({ userId }) => userId));
      cursor = page.nextCursor;
    }
    expect(seen.toSorted()).toEqual(people.map(({ userId }) => userId).toSorted());
    expect(new Set(seen.slice(0, 3))).toEqual(new Set(people.slice(0, 3).map(({ userId }) => userId)));
  });

  it("leaves out who hides, who does not want to be found, and whoever is blocked either way", async () => {
    const seeker = await newPerson();
    const name = { firstName: "Philippides", lastName: "Runner" };
    const [shown, hidden, friend, notFriend, unsearchable, blocked, blocking] = [
      await newPerson(name),
      await newPerson(name),
      await newPerson(name),
      await newPerson(name),
      await newPerson(name),
      await newPerson(name),
      await newPerson(name),
    ];
    await befriend(seeker, friend);
    await hidden.put(`${ME}/privacy`, { profileVisibility: "nobody" });
    await friend.put(`${ME}/privacy`, { profileVisibility: "friend" });
    await notFriend.put(`${ME}/privacy`, { profileVisibility: "friend" });
    await unsearchable.put(`${ME}/privacy`, { searchable: false });
    await seeker.change("POST", "blocks", blocked);
    await blocking.change("POST", "blocks", seeker);
    for (const q of ["Philippides", "Phillipides", "runner"])
      expect((await found(seeker, q)).toSorted()).toEqual([shown.userId, friend.userId].toSorted());
  });

  it("reads both indexes and never the whole table", async () => {
    const viewer = person().userId;
    const explained = await db.batch([
      db.execute(sql`SELECT set_config('pg_trgm.word_similarity_threshold', ${String(SIMILARITY)}, true)`),
      db.execute(
        sql`EXPLAIN (ANALYZE, FORMAT JSON) ${searchStatement(viewer, { q: "wilhelmina", limit: 20 }, null)}`,
      ),
    ]);
    const plan = JSON.stringify(explained[1].rows);
    expect(plan).toContain("profiles_names_trgm_idx");
    expect(plan).toContain("profiles_document_idx");
    expect(plan).not.toMatch(/"Node Type":"Seq Scan"[^{}]*"Relation Name":"profiles"/);
    const [
      {
        "QUERY PLAN": [timing],
      },
    ] = z
      .tuple([z.object({ "QUERY PLAN": z.tuple([z.object({ "Execution Time": z.number() })]) })])
      .parse(explained[1].rows);
    expect(timing["Execution Time"]).toBeLessThan(500);
  });

  it.each(["", "a", "  ", "--", "x".repeat(101), "a\u0000b", "a\nb"])("refuses %j", async (q) => {
    expect((await person().get(`/api/v1/users/search?q=${encodeURIComponent(q)}`)).status).toBe(400);
  });

  it.each(["' OR 1=1 --", "a & | !", '"a', "(((a", "%%_a", "\\a b", "a:*", "-ada"])(
    "takes %j for words, never for a query",
    async (q) => {
      expect((await person().get(`/api/v1/users/search?q=${encodeURIComponent(q)}`)).status).toBe(200);
    },
  );

  it("is for people who are logged in", async () => {
    expect((await stranger("/api/v1/users/search?q=ada")).status).toBe(401);
  });
});
