import { env } from "cloudflare:workers";
import { alerts } from "@souk/db/schema/alerts";
import { log } from "@souk/db/schema/events";
import { EVENTS } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import type { ExportPage } from "@souk/kit/rpc";
import { and, eq, sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { z } from "zod";
import { deliver, deliverTo, delivery } from "../../test/deliver.ts";
import { create, db, newPair } from "../../test/market.ts";

const KEYS = 4_500;

/** Somebody with more rows than two pages of one table, and others whose rows are too large for one page. */
async function busyPerson() {
  const userId = uuidv7(new Date());
  await create(newPair(), {}, userId);
  await create(newPair(), {});
  await db.execute(sql`INSERT INTO alerts.idempotency_keys (caller_id, route, key, fingerprint, answer, created_at)
    SELECT ${userId}::uuid, 'createAlert', 'key-' || n, 'f', '{}', now() FROM generate_series(1, ${KEYS}::int) n`);
  await db.execute(sql`INSERT INTO alerts.alerts (id, user_id, metal, currency, alert_type, threshold, unit, karat, mode, hysteresis_percent,
      cooldown_seconds, start, note, active, state, created_at, updated_at)
    SELECT gen_random_uuid(), ${userId}::uuid, 'XAU', 'USD', 'above', 1, 'toz', 24, 'one_shot', 1, 0, 'now', repeat('x', 100000), true, 'armed', now(), now()
    FROM generate_series(1, 12)`);
  return { userId, exportId: crypto.randomUUID() };
}

/** `auth` as its contract says: of a page given twice the first counts. */
function fakeAuth() {
  const kept = new Map<string, ExportPage>();
  let largest = 0;
  const AUTH = {
    storeExport: async (_: unknown, pages: ExportPage[]) => {
      largest = Math.max(largest, JSON.stringify(pages).length);
      return pages.map((page) => {
        const name = `${page.table} ${page.page}`;
        if (!kept.has(name)) kept.set(name, page);
        return kept.get(name) ?? page;
      });
    },
  };
  const rowsOf = (table: string) =>
    [...kept.values()].flatMap((page) => (page.table === table ? page.rows : []));
  return { AUTH, kept, rowsOf, largest: () => largest };
}

const continuations = async (userId: string) => {
  const told = await db
    .select()
    .from(log)
    .where(and(eq(log.type, "person.export_continued"), eq(log.aggregateId, userId)))
    .orderBy(log.id);
  return told.map(({ data }) =>
    delivery("person.export_continued", EVENTS["person.export_continued"].data.parse(data)),
  );
};

/** Has a copy made to its end. @param again how often each delivery comes @returns how many were made */
async function exported(person: Awaited<ReturnType<typeof busyPerson>>, AUTH: object, again: number) {
  const environment = { ...env, AUTH };
  let waiting = [delivery("person.export_requested", person)];
  let seen = 0;
  for (let deliveries = 0; ; deliveries += 1) {
    const [next] = waiting;
    if (next === undefined) return deliveries;
    for (let time = 0; time < again; time += 1) expect(await deliverTo(environment, next)).toBe(1);
    const told = await continuations(person.userId);
    // Of what a repeat tells again, one is enough to go on.
    waiting = told.slice(seen).slice(-1);
    seen = told.length;
  }
}

it.each([1, 2])(
  "gives everything in pages, each row once, with each chunk delivered %i times",
  async (again) => {
    const person = await busyPerson();
    const { AUTH, kept, rowsOf, largest } = fakeAuth();
    expect(await exported(person, AUTH, again)).toBe(3);
    const keys = rowsOf("idempotency_keys").map((row) => JSON.stringify(row));
    expect(keys).toHaveLength(KEYS);
    expect(new Set(keys).size).toBe(KEYS);
    expect(rowsOf("alerts")).toHaveLength(13);
    expect(new Set(rowsOf("alerts").map((row) => JSON.stringify(row))).size).toBe(13);
    expect(largest()).toBeLessThan(2_000_000);
    const last = [...kept.values()].filter(({ after }) => after === null).map(({ table }) => table);
    expect(last.toSorted()).toEqual(["alert_history", "alerts", "idempotency_keys"]);
  },
);

it("a chunk delivered again after the rows changed goes on where the first one ended", async () => {
  const person = await busyPerson();
  const { AUTH, rowsOf } = fakeAuth();
  const environment = { ...env, AUTH };
  const first = delivery("person.export_requested", person);
  await deliverTo(environment, first);
  // Fewer of the larger rows fit a page, which now would end before the one that was kept.
  await db
    .update(alerts)
    .set({ note: "y".repeat(200_000) })
    .where(eq(alerts.userId, person.userId));
  await deliverTo(environment, first);
  for (let n = 0; n < 9; n += 1)
    for (const next of (await continuations(person.userId)).slice(-1)) await deliverTo(environment, next);
  const ids = rowsOf("alerts").map((row) => z.object({ id: z.uuid() }).parse(row).id);
  expect(ids).toHaveLength(13);
  expect(new Set(ids).size).toBe(13);
});

it("stops when the copy is no more wanted, and leaves another service's chunks alone", async () => {
  const person = await busyPerson();
  let asked = 0;
  const AUTH = {
    storeExport: async () => {
      asked += 1;
      return [];
    },
  };
  await deliverTo({ ...env, AUTH }, delivery("person.export_requested", person));
  expect([asked, await continuations(person.userId)]).toEqual([1, []]);
  const tables = { alerts: { page: 1, after: [person.userId] } };
  await deliverTo(
    { ...env, AUTH },
    delivery("person.export_continued", { ...person, service: "chat", tables }),
  );
  expect(asked).toBe(1);
  expect(await deliver(delivery("person.export_requested", person))).toBe(1);
  expect(await continuations(person.userId)).toHaveLength(1);
});
