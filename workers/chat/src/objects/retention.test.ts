import { createExecutionContext, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { httpDatabase } from "@souk/db/client";
import { messages } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import { uuidv7 } from "@souk/kit/ids";
import { eq } from "drizzle-orm";
import { afterEach, expect, it, vi } from "vitest";
import { answerOf } from "../conversation/outcome.ts";
import { ConversationStore } from "../conversation/store.ts";
import { Env } from "../env.ts";
import { EXPIRED_AT_ONCE, MAX_KEEP_DAYS, REMIND_MS } from "../limits.ts";
import { ChatRpc } from "../rpc.ts";
import { consumeAll, delivery } from "../../test/deliveries.ts";
import { archive, objectOf, person, type TestPerson } from "../../test/person.ts";
import { revisionOf, toldSince } from "../../test/told.ts";
import { wholeOf } from "../../test/whole.ts";

const DAY_MS = 24 * 3_600_000;
const db = () => httpDatabase(env.DATABASE_URL, parseEnv(Env, env).NEON_ENDPOINT);
const word = () => `w${crypto.randomUUID().replaceAll("-", "")}`;
const keep = (by: TestPerson, id: string, keepDays: number | null) =>
  by.call("PUT", `/conversations/${id}`, { keepDays });
const textsOf = async (by: TestPerson, id: string) =>
  (await by.history(id)).items
    .filter(({ kind }) => kind === "text")
    .map(({ text }) => text)
    .toReversed();
const found = (by: TestPerson, what: string) => by.ok("GET", `/messages?q=${what}`);
const end = async (id: string): Promise<void> => {
  const ended = runInDurableObject(objectOf(id), (_, state) => state.abort("ended by the test"));
  await expect(ended).rejects.toThrow("ended by the test");
};
/** Turns the clock, and has the alarm come. */
async function alarmAt(id: string, at: number): Promise<void> {
  vi.setSystemTime(at);
  await archive(id);
}
/** Has so many messages in a conversation, a second apart: nobody sends too fast. */
async function sendMany(by: TestPerson, id: string, count: number, from: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const at = new Date(from + n * 1_000);
    const ids = { message: uuidv7(at), sent: uuidv7(at), shared: uuidv7(at) };
    const input = { clientMessageId: `many${n}`, text: `text ${n}` };
    answerOf(await objectOf(id).send({ userId: by.userId, at: at.toISOString() }, input, ids));
  }
}

afterEach(() => void vi.useRealTimers());

it("what is as old as the setting says goes everywhere, not a millisecond before, and leaves its place", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  const { id: elsewhere } = await bob.group([]);
  const [before, after] = [word(), word()];
  const { createdAt } = await ada.send(id, before, {
    attachments: [
      { mediaId: crypto.randomUUID(), name: `${before}.jpg`, contentType: "image/jpeg", bytes: 1 },
    ],
  });
  await ada.ok("PUT", `/conversations/${id}/messages/1`, { text: after });
  await bob.ok("PUT", `/conversations/${id}/messages/1/reactions`, { emoji: "👍" });
  await ada.ok("PUT", `/conversations/${id}/messages/1/pin`);
  const copy = { clientMessageId: "copy", conversationId: id, seq: 1 };
  await bob.ok("POST", `/conversations/${elsewhere}/forwards`, copy);
  expect((await keep(ada, id, 3)).status).toBe(200);
  await archive(id);
  const unread = (await bob.open(id)).unread;
  const due = Date.parse(createdAt) + 3 * DAY_MS;

  await alarmAt(id, due - 1);
  expect(await textsOf(bob, id)).toEqual([after]);
  expect(await found(ada, after)).toMatchObject({ items: [{ conversationId: id, seq: 1 }] });
  const revision = await revisionOf(id);
  await alarmAt(id, due);
  const gone = { seq: 1, text: null, attachments: [], reactions: [], pinned: false, senderId: ada.userId };
  expect((await bob.history(id)).items.at(-1)).toMatchObject({
    ...gone,
    deletedAt: new Date(due).toISOString(),
  });
  expect(await bob.ok("GET", `/conversations/${id}/messages/1/edits`)).toEqual({ items: [] });
  // Devices were told of it, and not only the archive.
  const published = await runInDurableObject(
    objectOf(id),
    (_, { storage }) => new ConversationStore(storage.sql).conversation().published,
  );
  expect(published).toBeGreaterThan(revision);
  expect((await bob.open(id)).unread).toBe(unread);
  const told = await toldSince(id, revision);
  const event = { data: { type: "message", message: gone }, supersedes: `${id}:m1@` };
  expect(told?.hubs.flatMap(({ publications }) => publications)).toMatchObject([event]);
  expect(told?.room).toMatchObject([event]);
  const [row] = await db()
    .select()
    .from(messages)
    .where(eq(messages.conversationId, id))
    .orderBy(messages.seq);
  expect(row).toMatchObject({ seq: 1, text: null, edits: [], attachments: [] });
  const whole = await wholeOf(id);
  for (const text of [before, after]) expect(whole).not.toContain(text);
  expect(await found(ada, after)).toMatchObject({ items: [] });
  // What another made of it is theirs.
  await archive(elsewhere);
  expect(await found(bob, after)).toMatchObject({ items: [{ conversationId: elsewhere }] });
});

it("many go in their order, some in each alarm, also after the object ended; the system's lines and what is unread stay", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  const begun = Date.now();
  const count = 2 * EXPIRED_AT_ONCE + 50;
  await sendMany(ada, id, count, begun);
  await ada.call("DELETE", `/conversations/${id}/messages/7`);
  const emptied = () =>
    runInDurableObject(objectOf(id), (_, { storage }) =>
      storage.sql
        .exec<{ seq: number }>("SELECT seq FROM messages WHERE text IS NULL ORDER BY seq")
        .toArray()
        .map(({ seq }) => seq),
    );
  const upTo = (seq: number) => Array.from({ length: seq }, (_, n) => n + 1);
  vi.setSystemTime(begun + 10 * DAY_MS);
  expect((await keep(ada, id, 1)).status).toBe(200);
  const { unread } = await bob.open(id);
  expect(await emptied()).toEqual([7]);
  await archive(id);
  expect(await emptied()).toEqual(upTo(EXPIRED_AT_ONCE));
  await end(id);
  // It goes on by an alarm of its own.
  for (const seq of [2 * EXPIRED_AT_ONCE, count]) {
    expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
    expect(await emptied()).toEqual(upTo(seq));
  }
  const revisions = () =>
    runInDurableObject(objectOf(id), (_, { storage }) =>
      storage.sql.exec("SELECT seq, revision, deleted_at FROM messages").toArray(),
    );
  const before = await revisions();
  await runInDurableObject(objectOf(id), (object) =>
    Promise.all(Array.from({ length: 20 }, () => object.alarm())),
  );
  expect(await revisions()).toEqual(before);
  expect((await bob.history(id, "?limit=1")).items).toMatchObject([
    { seq: count + 1, kind: "system", text: "retention_changed" },
  ]);
  expect((await bob.open(id)).unread).toBe(unread);
  expect(await db().$count(messages, eq(messages.conversationId, id))).toBe(count + 1);
}, 60_000);

it("an object that slept for months wakes for it, and new messages go in their time", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  expect((await keep(bob, id, 90)).status).toBe(200);
  await ada.send(id, "first");
  const begun = Date.now();
  // When nobody is told any more that it is unread.
  await alarmAt(id, begun + REMIND_MS);
  await archive(id);
  const alarm = await runInDurableObject(objectOf(id), (_, { storage }) => storage.getAlarm());
  const [, noticed] = (await ada.history(id)).items;
  expect(alarm).toBe(Date.parse(noticed?.createdAt ?? "") + 90 * DAY_MS);
  vi.setSystemTime(begun + 30 * DAY_MS);
  await ada.send(id, "second");
  await archive(id);
  await end(id);
  vi.setSystemTime(begun + 90 * DAY_MS);
  expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
  expect(await textsOf(ada, id)).toEqual([null, "second"]);
  await end(id);
  vi.setSystemTime(begun + 121 * DAY_MS);
  expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
  expect(await textsOf(ada, id)).toEqual([null, null]);
});

it("a setting that is changed counts for what is there: longer and never let it stay, shorter lets it go", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  await ada.send(id, "first");
  const begun = Date.now();
  await keep(ada, id, 2);
  await keep(bob, id, 5);
  await alarmAt(id, begun + 3 * DAY_MS);
  expect(await textsOf(ada, id)).toEqual(["first"]);
  await keep(ada, id, null);
  await alarmAt(id, begun + 9 * DAY_MS);
  expect(await textsOf(ada, id)).toEqual(["first"]);
  await ada.send(id, "second");
  await keep(bob, id, 1);
  await archive(id);
  expect(await textsOf(ada, id)).toEqual([null, "second"]);
});

it("members are told of the setting: by a line of the system's, on their devices, in the list", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  const revision = await revisionOf(id);
  for (let time = 0; time < 2; time++) await keep(ada, id, 30);
  const told = await toldSince(id, revision);
  expect(told?.room.map(({ data }) => data)).toMatchObject([
    { type: "conversation", keepDays: 30 },
    { type: "message", message: { kind: "system", text: "retention_changed", senderId: ada.userId } },
  ]);
  await archive(id);
  expect(await bob.open(id)).toMatchObject({ keepDays: 30, lastSeq: 1 });
  expect((await bob.list()).items).toMatchObject([{ id, keepDays: 30 }]);
  await bob.call("DELETE", `/conversations/${id}/members/${bob.userId}`);
  expect((await bob.open(id)).keepDays).toBeNull();
});

it("lines of the system's stay: by them who is gone is not shown a later title", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  await keep(ada, id, 1);
  await bob.call("DELETE", `/conversations/${id}/members/${bob.userId}`);
  await ada.ok("PUT", `/conversations/${id}`, { title: "Secret" });
  await ada.send(id, "gone");
  await alarmAt(id, Date.now() + 2 * DAY_MS);
  expect((await ada.history(id)).items.map(({ text }) => text)).toEqual([
    null,
    "title_changed",
    "member_left",
    "retention_changed",
  ]);
  expect((await bob.open(id)).title).toBeNull();
});

it("is set by who may: managers of a group, either of two, nobody of an object's, and within its bounds", async () => {
  const [ada, bob, eve] = [person(), person(), person()];
  const { id: group } = await ada.group([bob]);
  const { id: direct } = await ada.direct(bob);
  expect((await keep(bob, group, 1)).status).toBe(403);
  expect((await keep(eve, group, 1)).status).toBe(404);
  expect((await keep(eve, direct, 1)).status).toBe(404);
  for (const keepDays of [0, MAX_KEEP_DAYS + 1, 1.5, "1"])
    expect((await ada.call("PUT", `/conversations/${group}`, { keepDays })).status).toBe(400);
  expect((await keep(ada, group, MAX_KEEP_DAYS)).status).toBe(200);
  for (const change of [{ title: "Us" }, { title: "Us", keepDays: 1 }, {}])
    expect((await ada.call("PUT", `/conversations/${direct}`, change)).status).toBe(403);
  // Whom the other blocks does not make go what they wrote.
  await consumeAll([delivery("user.blocked", { userId: bob.userId, otherId: ada.userId })]);
  expect((await keep(ada, direct, 1)).status).toBe(403);

  const object = { type: "booking", id: crypto.randomUUID() };
  const jobs = new ChatRpc(Object.assign(createExecutionContext(), { props: { caller: "jobs" } }), env);
  const userIds = [ada.userId, bob.userId];
  const { conversationId } = await jobs.bindConversation({ object, title: "Ring", userIds });
  expect((await keep(ada, conversationId, 1)).status).toBe(403);
});
