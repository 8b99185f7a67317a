import { exports } from "cloudflare:workers";
import { users } from "@souk/db/schema/auth";
import { exportParts, exports as copies } from "@souk/db/schema/auth-account-life";
import { HOLDERS } from "@souk/kit/personal-data";
import type { ExportPage } from "@souk/kit/rpc";
import { eq, sql } from "drizzle-orm";
import { expect, it } from "vitest";
import {
  actorHeader,
  contextAt,
  eventsOf,
  loggedIn,
  owner,
  PASSWORD,
  post,
  problemOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { callAs, cheapenPassword, DAY_MS, pageOf } from "../../test/life.ts";
import { justBefore } from "../../test/races.ts";
import { LIMITS } from "../limits.ts";
import { PersonExport } from "../account-life-schemas.ts";
import { dropExpiredExports } from "../services/drop-expired-exports.ts";
import { storeExport } from "../services/store-export.ts";

const ask = (accessToken: string, password = PASSWORD) => callAs(accessToken, "POST", "export", { password });

const fetchCopy = (accessToken: string, query = ""): Promise<Response> =>
  exports.default.fetch(`https://souk.test/api/v1/auth/export${query}`, {
    headers: actorHeader(accessToken),
  });

const copyOf = async (accessToken: string) => PersonExport.parse(await (await fetchCopy(accessToken)).json());

async function asking() {
  const { id: userId, email } = await storedUser();
  const { accessToken } = await loggedIn(email);
  expect((await ask(accessToken)).status).toBe(202);
  const [copy] = await owner.select().from(copies).where(eq(copies.userId, userId));
  if (copy === undefined) throw new Error("no copy was asked for");
  return { userId, email, accessToken, exportId: copy.id };
}

it("is ready when every service has given all its pages, however often, and is for its owner alone", async () => {
  const { userId, email, accessToken, exportId } = await asking();
  expect(await copyOf(accessToken)).toMatchObject({ status: "preparing", data: null });
  const give = (service: string, ...pages: ExportPage[]) =>
    storeExport(contextAt(), service, { userId, exportId }, pages);
  for (const service of HOLDERS) {
    expect((await copyOf(accessToken)).status).toBe("preparing");
    await give(service, pageOf([{ of: service }]), pageOf([1, 2], { table: "long", after: ["2"] }));
    expect((await copyOf(accessToken)).status).toBe("preparing");
    await give(service, pageOf([3], { table: "long", page: 1 }));
    await give(service, pageOf([{ of: "a repeat" }]), pageOf([1], { table: "long", after: ["1"] }));
  }
  const { status, data, nextCursor } = await copyOf(accessToken);
  expect([status, nextCursor]).toEqual(["ready", null]);
  expect(data).toMatchObject({
    auth: { users: [{ id: userId, email }], sessions: [{}] },
    ...Object.fromEntries(HOLDERS.map((of) => [of, { rows: [{ of }], long: [1, 2, 3] }])),
  });
  expect(JSON.stringify(data)).not.toContain("$scrypt$");
  const other = await loggedIn((await storedUser()).email);
  expect((await fetchCopy(other.accessToken)).status).toBe(404);
  await post("logout", {}, actorHeader(accessToken));
  expect((await fetchCopy(accessToken)).status).toBe(401);
});

it("tells whoever gives a page again where the first one ended, also of twenty at once", async () => {
  const { userId, exportId } = await asking();
  const ends = await twenty((n) =>
    storeExport(contextAt(), "users", { userId, exportId }, [pageOf([n], { after: [String(n)] })]),
  );
  const [part, ...more] = await owner.select().from(exportParts).where(eq(exportParts.userId, userId));
  expect(more).toEqual([]);
  expect(new Set(ends.map((end) => JSON.stringify(end)))).toEqual(
    new Set([JSON.stringify([{ table: "rows", page: 0, after: part?.data.map(String) }])]),
  );
});

it("is fetched by pages when it is large, each row once", async () => {
  const { userId, accessToken, exportId } = await asking();
  const row = (n: number) => ({ n, text: "x".repeat(LIMITS.exportPage / 8) });
  const rows = Array.from({ length: 25 }, (_, n) => row(n));
  for (const service of HOLDERS) await storeExport(contextAt(), service, { userId, exportId }, [pageOf([])]);
  // Not in order, as deliveries come.
  for (const n of rows.keys().toArray().toReversed())
    await storeExport(contextAt(), "chat", { userId, exportId }, [
      pageOf([rows[n]], { table: "messages", page: n, after: n === 24 ? null : [String(n)] }),
    ]);
  const seen: unknown[] = [];
  let [pages, cursor] = [0, ""];
  do {
    const answer = await fetchCopy(accessToken, cursor);
    expect(Number((await answer.clone().arrayBuffer()).byteLength)).toBeLessThan(1.1 * LIMITS.exportPage);
    const { data, nextCursor } = PersonExport.parse(await answer.json());
    expect(data?.["auth"] === undefined).toBe(pages > 0);
    seen.push(...(data?.["chat"]?.["messages"] ?? []));
    [pages, cursor] = [pages + 1, nextCursor === null ? "" : `?cursor=${nextCursor}`];
  } while (cursor !== "");
  expect(pages).toBeGreaterThan(3);
  expect(seen).toEqual(rows);
});

it("is begun anew when another copy was asked for while it was fetched", async () => {
  const { userId, accessToken, exportId } = await asking();
  const large = pageOf(["x".repeat(LIMITS.exportPage)]);
  for (const service of HOLDERS) await storeExport(contextAt(), service, { userId, exportId }, [large]);
  const { nextCursor } = await copyOf(accessToken);
  await owner
    .update(copies)
    .set({ requestedAt: sql`now() - interval '2 days'` })
    .where(eq(copies.userId, userId));
  expect((await ask(accessToken)).status).toBe(202);
  expect(await owner.$count(exportParts, eq(exportParts.userId, userId))).toBe(0);
  expect(await problemOf(await fetchCopy(accessToken, `?cursor=${nextCursor}`))).toEqual({
    status: 400,
    code: "invalid_cursor",
  });
  expect((await fetchCopy(accessToken, "?cursor=nonsense")).status).toBe(400);
});

it("takes no part of an earlier copy, nor one that names the wrong person", async () => {
  const [one, other] = [await asking(), await asking()];
  for (const service of HOLDERS) {
    const store = (exportId: string) =>
      storeExport(contextAt(), service, { userId: one.userId, exportId }, [pageOf([1])]);
    expect(await store(other.exportId)).toEqual([]);
    expect(await store(one.userId)).toEqual([]);
  }
  expect(await owner.$count(exportParts, eq(exportParts.userId, one.userId))).toBe(0);
  expect(await copyOf(one.accessToken)).toMatchObject({ status: "preparing" });
});

it("can be asked for once a day, by password, also by twenty at once", async () => {
  const { id: userId, email } = await storedUser();
  const { accessToken } = await loggedIn(email);
  expect(await problemOf(await ask(accessToken, "Wrong-horse-1"))).toEqual({
    status: 400,
    code: "validation_failed",
  });
  await cheapenPassword(userId);
  const answers = await twenty(async () => (await ask(accessToken)).status);
  expect(answers.toSorted((a, b) => a - b)).toEqual([202, ...Array<number>(19).fill(429)]);
  expect(await eventsOf(userId)).toEqual(["person.export_requested"]);
});

it("says how long to wait, and that the account was changed when it was", async () => {
  const { userId, accessToken } = await asking();
  const askedAt = (requestedAt: Date) =>
    owner.update(copies).set({ requestedAt }).where(eq(copies.userId, userId));
  await askedAt(new Date(Date.now() - DAY_MS + 60_000));
  const early = await ask(accessToken);
  expect(early.status).toBe(429);
  const wait = Number(early.headers.get("retry-after"));
  expect(wait).toBeGreaterThan(45);
  expect(wait).toBeLessThanOrEqual(60);
  await askedAt(new Date(Date.now() - DAY_MS));
  justBefore(/INSERT INTO .{1,20}exports/, () =>
    owner.update(users).set({ passwordVersion: 2 }).where(eq(users.id, userId)),
  );
  expect(await problemOf(await ask(accessToken))).toEqual({ status: 409, code: "conflict" });
  expect(await eventsOf(userId)).toEqual(["person.export_requested"]);
});

it("is gone after seven days", async () => {
  const { userId, exportId, accessToken } = await asking();
  await storeExport(contextAt(), "users", { userId, exportId }, [pageOf([1])]);
  await dropExpiredExports(contextAt(() => new Date(Date.now() + 6.9 * DAY_MS)));
  expect((await fetchCopy(accessToken)).status).toBe(200);
  await dropExpiredExports(contextAt(() => new Date(Date.now() + 7.1 * DAY_MS)));
  expect((await fetchCopy(accessToken)).status).toBe(404);
  expect(await owner.$count(exportParts, eq(exportParts.userId, userId))).toBe(0);
});
