import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { httpDatabase } from "@souk/db/client";
import { legalHoldActs } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import { eq, sql } from "drizzle-orm";
import { afterEach, expect, it, vi } from "vitest";
import { app } from "../app.ts";
import { Env } from "../env.ts";
import { HeldMessagePage, LegalHold, LegalHoldPage } from "../schemas/legal-hold.ts";
import { ReportPage } from "../schemas/report.ts";
import { archive, objectOf, person } from "../../test/person.ts";
import { revisionOf, toldSince } from "../../test/told.ts";
import { wholeOf } from "../../test/whole.ts";

const DAY_MS = 24 * 3_600_000;
const db = () => httpDatabase(env.DATABASE_URL, parseEnv(Env, env).NEON_ENDPOINT);
const word = () => `w${crypto.randomUUID().replaceAll("-", "")}`;
const admin = person(undefined, "admin");
const hold = async (id: string, reason = "Case 7") =>
  LegalHold.parse(await admin.ok("PUT", `/legal-holds/${id}`, { reason }));
const kept = async (id: string, query = "?limit=100") =>
  HeldMessagePage.parse(await admin.ok("GET", `/legal-holds/${id}/messages${query}`));
const actsOf = async (id: string) =>
  (
    await db()
      .select()
      .from(legalHoldActs)
      .where(eq(legalHoldActs.conversationId, id))
      .orderBy(legalHoldActs.id)
  ).map(({ act, actorId, reason }) => ({ act, actorId, reason }));
/** Whether any row of the archive has a text. */
async function isArchived(text: string): Promise<boolean> {
  const tables = ["conversations", "members", "messages", "hidden", "reports", "legal_hold_acts"];
  const { rows } = await db().execute(
    sql.raw(
      tables
        .map((table) => `SELECT 1 FROM chat.${table} x WHERE x::text LIKE '%${text}%'`)
        .join(" UNION ALL "),
    ),
  );
  return rows.length > 0;
}

afterEach(() => void vi.useRealTimers());

it("keeps what is edited, deleted, removed, expires and is erased, for admins alone, and everything else goes on", async () => {
  const [ada, bob, eve] = [person(), person(), person()];
  const { id } = await ada.group([bob, eve]);
  const before = word();
  await ada.send(id, before);
  await ada.ok("DELETE", `/conversations/${id}/messages/1`);
  await hold(id);
  const [first, second, deleted, removed, erased, expired] = Array.from({ length: 6 }, word);
  const file = { mediaId: crypto.randomUUID(), name: "a.jpg", contentType: "image/jpeg", bytes: 1 };
  await ada.send(id, `${first}`);
  await ada.ok("PUT", `/conversations/${id}/messages/2`, { text: second });
  await ada.ok("DELETE", `/conversations/${id}/messages/2`);
  await bob.send(id, `${deleted}`, { attachments: [file] });
  await ada.ok("DELETE", `/conversations/${id}/messages/3`);
  await bob.send(id, `${removed}`);
  await ada.call("POST", `/conversations/${id}/messages/4/report`, { reason: "fraud" });
  const { items } = ReportPage.parse(await admin.ok("GET", "/message-reports?limit=100"));
  const report = items.find(({ conversationId }) => conversationId === id);
  for (let time = 0; time < 2; time++)
    await admin.ok("PUT", `/message-reports/${report?.id}/resolution`, { outcome: "message_removed" });
  await bob.send(id, `${erased}`);
  const copy = { clientMessageId: "copy", conversationId: id, seq: 5 };
  await ada.ok("POST", `/conversations/${id}/forwards`, copy);
  for (let time = 0; time < 2; time++) await objectOf(id).erase(bob.userId, new Date().toISOString());
  const { createdAt } = await eve.send(id, `${expired}`);
  await ada.ok("PUT", `/conversations/${id}`, { keepDays: 1 });
  vi.setSystemTime(Date.parse(createdAt) + DAY_MS);
  await archive(id);

  const all = (await kept(id)).items;
  const of = (why: string, seq: number, senderId: string, text: string | undefined) => ({
    why,
    seq,
    senderId,
    text,
  });
  expect(all).toMatchObject([
    of("edited", 2, ada.userId, first),
    { ...of("deleted", 2, ada.userId, second), edits: [{ text: first }] },
    { ...of("deleted", 3, bob.userId, deleted), attachments: [file], edits: [] },
    of("removed", 4, bob.userId, removed),
    of("erased", 5, bob.userId, erased),
    { ...of("erased", 6, ada.userId, erased), forwarded: { senderId: bob.userId } },
    of("expired", 7, eve.userId, expired),
  ]);
  expect(all[6]).toMatchObject({ createdAt, keptAt: new Date(Date.parse(createdAt) + DAY_MS).toISOString() });
  const paged = [];
  for (let query = "?limit=3"; query !== "";) {
    const { items: some, nextCursor } = await kept(id, query);
    paged.push(...some);
    query = nextCursor === null ? "" : `?limit=3&cursor=${nextCursor}`;
  }
  expect(paged).toEqual(all);

  // To everybody else it is as if there were no hold.
  for (const someone of [ada, eve]) {
    const { items: seen } = await someone.history(id);
    expect(seen.filter(({ kind }) => kind === "text").map(({ text }) => text)).toEqual(
      Array.from({ length: 7 }, () => null),
    );
    expect(seen.find(({ seq }) => seq === 5)?.senderId).toBeNull();
    for (const path of [`/legal-holds/${id}/messages`, "/legal-holds"])
      expect((await someone.call("GET", path)).status).toBe(403);
    expect((await someone.call("PUT", `/legal-holds/${id}`, { reason: "Mine" })).status).toBe(403);
    expect((await someone.call("DELETE", `/legal-holds/${id}`)).status).toBe(403);
  }
  for (const text of [first, second, deleted, erased, expired]) {
    expect(await isArchived(`${text}`)).toBe(false);
    expect(await ada.ok("GET", `/messages?q=${text}`)).toMatchObject({ items: [] });
  }
  expect(await wholeOf(id)).not.toContain(before);
}, 60_000);

it("each reading is recorded before anything is shown, and nothing is shown where that fails", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  await hold(id, "Case 8");
  const text = word();
  await ada.send(id, text);
  await ada.ok("DELETE", `/conversations/${id}/messages/1`);
  const other = person(undefined, "admin");
  expect(HeldMessagePage.parse(await other.ok("GET", `/legal-holds/${id}/messages`)).items).toHaveLength(1);
  const recorded = [
    { act: "held", actorId: admin.userId, reason: "Case 8" },
    { act: "read", actorId: other.userId, reason: null },
  ];
  expect(await actsOf(id)).toEqual(recorded);
  const url = `https://souk.test/api/v1/legal-holds/${id}/messages`;
  const answer = await app.fetch(
    new Request(url, { headers: other.headers }),
    { ...env, NEON_ENDPOINT: "http://127.0.0.1:9/sql" },
    createExecutionContext(),
  );
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(await answer.text()).not.toContain(text);
  // Who may not is not recorded as one who read.
  await ada.call("GET", `/legal-holds/${id}/messages`);
  expect(await actsOf(id)).toEqual(recorded);
});

it("leaves nothing when it ends, and members hear of none of it", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  const [early, text] = [word(), word()];
  await ada.send(id, early);
  await archive(id);
  const view = await bob.open(id);
  const revision = await revisionOf(id);
  await hold(id, early);
  expect(await toldSince(id, revision)).toMatchObject({ hubs: [], own: [], room: [], gone: [] });
  expect(await bob.open(id)).toEqual(view);
  await ada.send(id, text);
  await ada.ok("PUT", `/conversations/${id}/messages/2`, { text: `${text} again` });
  await ada.ok("DELETE", `/conversations/${id}/messages/2`);
  expect(await wholeOf(id)).toContain(text);
  const held = await revisionOf(id);
  expect((await admin.call("DELETE", `/legal-holds/${id}`)).status).toBe(204);
  expect(await toldSince(id, held)).toMatchObject({ hubs: [], own: [], room: [], gone: [] });
  await archive(id);
  expect(await wholeOf(id)).not.toContain(text);
  expect(await isArchived(text)).toBe(false);
  expect((await admin.call("DELETE", `/legal-holds/${id}`)).status).toBe(404);
  expect((await admin.call("GET", `/legal-holds/${id}/messages`)).status).toBe(404);
  expect((await actsOf(id)).map(({ act }) => act)).toEqual(["held", "ended"]);
  // What goes from now on is gone, and a new hold begins with nothing.
  await ada.send(id, text);
  await ada.ok("DELETE", `/conversations/${id}/messages/3`);
  expect(await wholeOf(id)).not.toContain(text);
  await hold(id);
  expect((await kept(id)).items).toEqual([]);
});

it("are listed, the latest first, in pages, and not any more when they end", async () => {
  const [ada, bob] = [person(), person()];
  const { id: first } = await ada.direct(bob);
  const { id: second } = await ada.group([bob]);
  const begun = await hold(first, "One");
  await hold(second, "Two");
  // The latest reason counts; who and since when stay.
  const other = person(undefined, "admin");
  const again = LegalHold.parse(await other.ok("PUT", `/legal-holds/${first}`, { reason: "Three" }));
  expect(again).toEqual({ ...begun, reason: "Three" });
  expect(begun).toMatchObject({ conversationId: first, heldBy: admin.userId });
  await Promise.all([first, second].map(archive));
  const listed = async () => {
    const all = [];
    for (let query = "?limit=1"; query !== "";) {
      const { items, nextCursor } = LegalHoldPage.parse(await admin.ok("GET", `/legal-holds${query}`));
      all.push(...items);
      query = nextCursor === null ? "" : `?limit=1&cursor=${nextCursor}`;
    }
    return all.filter(({ conversationId }) => [first, second].includes(conversationId));
  };
  expect(await listed()).toMatchObject([{ conversationId: second, reason: "Two" }, again]);
  await admin.call("DELETE", `/legal-holds/${second}`);
  await archive(second);
  expect(await listed()).toEqual([again]);
  expect((await admin.call("GET", "/legal-holds?cursor=x")).status).toBe(400);
});

it("of a conversation that was never begun there is none, and it keeps nothing", async () => {
  const id = crypto.randomUUID();
  expect((await admin.call("PUT", `/legal-holds/${id}`, { reason: "Case 7" })).status).toBe(404);
  expect((await admin.call("GET", `/legal-holds/${id}/messages`)).status).toBe(404);
  expect((await admin.call("DELETE", `/legal-holds/${id}`)).status).toBe(404);
  for (const reason of ["", " ", "two\nlines", "x".repeat(1_001)])
    expect((await admin.call("PUT", `/legal-holds/${id}`, { reason })).status).toBe(400);
  expect(await actsOf(id)).toEqual([]);
  expect(await wholeOf(id)).not.toContain("conversation");
});

it("begun by twenty while twenty messages are deleted: there is one, and each is kept whole or was gone before", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  const count = 20;
  for (let n = 1; n <= count; n++) await (n % 2 === 0 ? ada : bob).send(id, `text ${n}`);
  for (let n = 1; n <= count; n++)
    await (n % 2 === 0 ? ada : bob).ok("PUT", `/conversations/${id}/messages/${n}`, { text: `then ${n}` });
  const remove = (seq: number) => ada.ok("DELETE", `/conversations/${id}/messages/${seq}`);
  for (const seq of [1, 2]) await remove(seq);
  const admins = Array.from({ length: count }, () => person(undefined, "admin"));
  const holds = await Promise.all(
    admins.flatMap((one, n) => {
      const seq = n + 3;
      const removing = seq <= count - 2 ? [remove(seq).then(() => undefined)] : [];
      return [
        one.ok("PUT", `/legal-holds/${id}`, { reason: "Case 7" }).then((body) => LegalHold.parse(body)),
        ...removing,
      ];
    }),
  );
  for (const seq of [count - 1, count]) await remove(seq);
  const begun = holds.filter((one) => one !== undefined);
  expect(new Set(begun.map(({ heldBy, heldSince }) => `${heldBy} ${heldSince}`)).size).toBe(1);
  const { items } = await kept(id);
  for (const { seq, text, edits, senderId, why } of items)
    expect([text, edits.map((one) => one.text), senderId, why]).toEqual([
      `then ${seq}`,
      [`text ${seq}`],
      (seq % 2 === 0 ? ada : bob).userId,
      "deleted",
    ]);
  const order = await runInDurableObject(objectOf(id), (_, { storage }) =>
    storage.sql
      .exec<{ seq: number }>("SELECT seq FROM messages WHERE deleted_at IS NOT NULL ORDER BY revision")
      .toArray()
      .map(({ seq }) => seq),
  );
  expect(order).toHaveLength(count);
  // Those that are kept are the last ones that went, in their order, and each once.
  expect(items.map(({ seq }) => seq)).toEqual(order.slice(count - items.length));
  expect(items.length).toBeGreaterThanOrEqual(2);
  expect(items.length).toBeLessThanOrEqual(count - 2);
});
