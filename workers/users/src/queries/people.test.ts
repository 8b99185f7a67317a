import { blocks, follows, friendships, profiles } from "@souk/db/schema/users";
import { sql, type SQL } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { followedBy, followersOf, friendsOf } from "./edges.ts";
import { idOf, maySee, relationTo } from "./graph.ts";
import { selectPage } from "./people.ts";
import { selectPublicProfile } from "./public-profile.ts";

const db = ownerDatabase();
const CROWD = 20_000;
/** The n-th of the crowd. */
const nth = (n: SQL) => sql`('00000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
const HUB = "00000000-0000-7000-8000-000000000001";
const VIEWER = "00000000-0000-7000-8000-000000000002";

/** One person whom many follow, who follows and befriends many, among people with other edges. */
beforeAll(async () => {
  await db.execute(sql`INSERT INTO ${profiles} (id, user_id, first_name, last_name, created_at, updated_at)
    SELECT gen_random_uuid(), ${nth(sql`n`)}, 'A', 'B', now(), now() FROM generate_series(1, ${CROWD}) n`);
  await db.execute(sql`INSERT INTO ${follows} (id, follower_id, followed_id, created_at)
    SELECT gen_random_uuid(), ${nth(sql`a`)}, ${nth(sql`b`)}, now() FROM (
      SELECT n AS a, 1 AS b FROM generate_series(2, 3000) n UNION SELECT 1, n FROM generate_series(2, 2000) n
      UNION SELECT n, n % 97 + 3 FROM generate_series(200, ${CROWD}) n) pairs`);
  await db.execute(sql`INSERT INTO ${friendships} (id, low_id, high_id, requested_by, status, created_at, updated_at)
    SELECT gen_random_uuid(), ${nth(sql`a`)}, ${nth(sql`b`)}, ${nth(sql`a`)}, CASE WHEN b % 3 = 0 THEN 'requested' ELSE 'accepted' END, now(), now()
    FROM (SELECT 1 AS a, n AS b FROM generate_series(2, 3000) n UNION SELECT n, n + 7 FROM generate_series(2, ${CROWD}) n) pairs`);
  await db.execute(sql`INSERT INTO ${blocks} (id, blocker_id, blocked_id, created_at)
    SELECT gen_random_uuid(), ${nth(sql`n`)}, ${nth(sql`n + 5`)}, now() FROM generate_series(1, ${CROWD}) n`);
  for (const table of [profiles, follows, friendships, blocks]) await db.execute(sql`ANALYZE ${table}`);
}, 60_000);

const planOf = async (statement: SQL): Promise<string> =>
  JSON.stringify((await db.execute(sql`EXPLAIN (FORMAT JSON) ${statement}`)).rows);
const page = { limit: 20 };

describe("among twenty thousand people", () => {
  it.each([
    ["followers", followersOf, ["follows_followed_idx"]],
    ["followed", followedBy, ["follows_follower_idx"]],
  ] as const)(
    "a page of %s is read in the order of its index, without a sort",
    async (_what, edges, indexes) => {
      const plan = await planOf(selectPage(edges(idOf(HUB)), maySee(VIEWER), page));
      for (const index of indexes) expect(plan).toContain(index);
      expect(plan).not.toMatch(/Seq Scan|"Sort"/);
    },
  );

  it("a page of friends is read from both ends of the pair by their indexes", async () => {
    const plan = await planOf(selectPage(friendsOf(idOf(HUB)), maySee(VIEWER), page));
    expect(plan).toMatch(/friendships_low_idx|friendships_pair_key/);
    expect(plan).toContain("friendships_high_idx");
    expect(plan).not.toMatch(/Seq Scan/);
  });

  it.each([
    ["a profile", selectPublicProfile(VIEWER, idOf(HUB))],
    ["a stranger's view", selectPublicProfile(null, idOf(HUB))],
    ["a relation", sql`SELECT ${relationTo(idOf(VIEWER), idOf(HUB))}`],
  ])("%s is read by indexes alone", async (_what, statement) => {
    const plan = await planOf(statement);
    expect(plan).not.toMatch(/"Node Type":"Seq Scan"[^{}]*"Relation Name":"(profiles|friendships|blocks)"/);
  });
});
