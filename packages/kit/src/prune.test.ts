import { asOwner } from "@souk/db/operate/owner";
import { emailLogs } from "@souk/db/schema/email";
import { inbox } from "@souk/db/schema/users";
import { beforeAll, expect, inject, it } from "vitest";
import { freshDatabase } from "../../../test/fresh-database.ts";
import { createContext } from "./context.ts";
import { earliestId, uuidv7 } from "./ids.ts";
import { prune, PRUNED } from "./prune.ts";

let url: string;
beforeAll(async () => {
  url = await freshDatabase();
});

const contextOf = () =>
  createContext(
    { VERSION: "1", LOG_LEVEL: "warn" as const, DATABASE_URL: url, NEON_ENDPOINT: inject("neon") },
    { service: "test", waitUntil: () => {} },
  );

it("takes all that is older, batch by batch, each row by one of many that run at once, and nothing younger", async () => {
  const old = 2 * PRUNED + 10;
  await asOwner(url, (client) =>
    client.query(`INSERT INTO users.inbox (event_id, received_at)
      SELECT gen_random_uuid(), '2026-01-01T00:00:00Z'::timestamptz - make_interval(secs => n) FROM generate_series(-2, ${old - 1}) n`),
  );
  const before = new Date("2026-01-01T00:00:00.500Z");
  const gone = await Promise.all(
    Array.from({ length: 5 }, () => prune(contextOf(), inbox, inbox.receivedAt, before)),
  );
  expect(gone.reduce((sum, one) => sum + one)).toBe(old);
  expect(await contextOf().db.$count(inbox)).toBe(2);
});

it("finds what is old by the index, however much is young", async () => {
  const { db } = contextOf();
  await asOwner(url, (client) =>
    client.query(`INSERT INTO users.inbox (event_id, received_at) SELECT gen_random_uuid(), now() FROM generate_series(1, 20000);
      ANALYZE users.inbox`),
  );
  const plan = await db.execute(
    `EXPLAIN SELECT ctid FROM users.inbox WHERE received_at < '2026-01-01T00:00:00Z' ORDER BY received_at LIMIT 5000 FOR UPDATE SKIP LOCKED`,
  );
  expect(JSON.stringify(plan.rows)).toContain("inbox_received_idx");
});

it("reads a row's age from its id where that is what it has", async () => {
  const at = new Date("2026-01-01T00:00:00.000Z");
  const ids = [-1, 0, 1].map((ms) => uuidv7(new Date(at.getTime() + ms)));
  const { db } = contextOf();
  await db.insert(emailLogs).values(
    ids.map((id) => ({
      id,
      eventId: id,
      template: "welcome",
      userId: id,
      messageId: id,
      status: "failed" as const,
    })),
  );
  expect(await prune(contextOf(), emailLogs, emailLogs.id, at)).toBe(1);
  expect((await db.select().from(emailLogs)).map(({ id }) => id)).toEqual(ids.slice(1));
  expect(earliestId(at) <= (ids[1] ?? "")).toBe(true);
});
