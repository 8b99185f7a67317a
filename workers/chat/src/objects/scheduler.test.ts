import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { log } from "@souk/db/schema/events";
import { and, asc, eq } from "drizzle-orm";
import { afterEach, expect, it, vi } from "vitest";
import { answerOf } from "../conversation/outcome.ts";
import { ConversationStore } from "../conversation/store.ts";
import { LONGEST_RETRY_MS, MAX_SCHEDULED, REMIND_MS, SCHEDULED_AT_ONCE } from "../limits.ts";
import { ScheduledMessageList } from "../schemas/scheduled.ts";
import { consumeAll, delivery } from "../../test/deliveries.ts";
import { archive, objectOf, person, type TestPerson } from "../../test/person.ts";
import { revisionOf, toldSince } from "../../test/told.ts";
import { ownerDatabase } from "../../../../test/owner-database.ts";

afterEach(() => void vi.useRealTimers());

const HOUR = 3_600_000;
const way = (id: string, key = "") => `/conversations/${id}/scheduled-messages${key && `/${key}`}`;
const ahead = (ms: number): string => new Date(Date.now() + ms).toISOString();
const schedule = (someone: TestPerson, id: string, text: string, sendAt: string, more: object = {}) =>
  someone.ok("POST", way(id), { clientMessageId: text, text, sendAt, ...more });
const listOf = async (someone: TestPerson, id: string) =>
  ScheduledMessageList.parse(await someone.ok("GET", way(id))).items;
const saidIn = async (someone: TestPerson, id: string) =>
  (await someone.history(id)).items.map(({ text }) => text).toReversed();
const alarmOf = (id: string) => runInDurableObject(objectOf(id), (_, { storage }) => storage.getAlarm());
/** So much time passes, and the alarm comes. */
async function pass(id: string, ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
}

it("what is due is sent in order of its time, then of its making, as messages written then, and wakes who sleeps", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  await ada.send(id, "now");
  const days = ahead(30 * 24 * HOUR);
  for (const [someone, text, at] of [
    [ada, "c", days],
    [bob, "d", days],
    [ada, "b", days],
    [ada, "a", ahead(HOUR)],
    [bob, "e", ahead(31 * 24 * HOUR)],
  ] as const)
    await schedule(someone, id, text, at, text === "d" ? { replyTo: 1 } : {});
  const file = { mediaId: crypto.randomUUID(), name: "a.jpg", contentType: "image/jpeg", bytes: 1 };
  await ada.ok("PUT", way(id, "b"), { text: "b", sendAt: days, attachments: [file], mentions: [bob.userId] });
  await archive(id);
  // Told and archived, it sleeps until it looks who has not read; then until the first is due.
  await pass(id, REMIND_MS);
  await pass(id, 0);
  expect(await alarmOf(id)).toBe(Date.parse((await listOf(ada, id))[0]?.sendAt ?? ""));
  await pass(id, HOUR);
  expect(await saidIn(bob, id)).toEqual(["now", "a"]);
  const before = await revisionOf(id);
  await pass(id, 30 * 24 * HOUR - HOUR);
  const at = new Date().toISOString();
  expect(await saidIn(bob, id)).toEqual(["now", "a", "c", "d", "b"]);
  expect((await bob.history(id, "?limit=3")).items).toMatchObject([
    {
      senderId: ada.userId,
      clientMessageId: "b",
      attachments: [file],
      mentions: [bob.userId],
      createdAt: at,
    },
    { senderId: bob.userId, clientMessageId: "d", replyTo: 1, createdAt: at },
    { senderId: ada.userId, clientMessageId: "c", createdAt: at },
  ]);
  expect((await bob.open(id)).unread).toBe(4);
  expect(await listOf(ada, id)).toEqual([]);
  expect(await listOf(bob, id)).toMatchObject([{ text: "e" }]);
  const told = await toldSince(id, before);
  expect(told?.hubs.flatMap(({ publications }) => publications)).toMatchObject(
    ["c", "d", "b"].map((text) => ({ data: { type: "message", message: { text } } })),
  );
  await archive(id);
  const events = await ownerDatabase()
    .select({ type: log.type, data: log.data })
    .from(log)
    .where(and(eq(log.aggregateId, id), eq(log.type, "message.sent")))
    .orderBy(asc(log.id));
  expect(events.map(({ data }) => Object(data).seq)).toEqual([1, 2, 3, 4, 5]);
  expect((await ada.list()).items[0]).toMatchObject({ lastSeq: 5, lastMessage: { text: "b" } });
});

it("who has not read what was sent later is told besides, as of any message", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  await archive(id);
  await schedule(ada, id, "later", ahead(HOUR));
  await pass(id, HOUR);
  await pass(id, REMIND_MS);
  await archive(id);
  const events = await ownerDatabase()
    .select({ data: log.data })
    .from(log)
    .where(and(eq(log.aggregateId, id), eq(log.type, "message.unread")));
  expect(events.map(({ data }) => data)).toMatchObject([{ userId: bob.userId, senderId: ada.userId }]);
});

it("each is sent once, and none is lost, when the object ends while it sends or before", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  const texts = Array.from({ length: 5 }, (_, n) => `m${n}`);
  for (const text of texts) await schedule(ada, id, text, ahead(HOUR));
  vi.setSystemTime(Date.now() + HOUR);
  const endWith = async (before: (state: DurableObjectState) => Promise<void>) => {
    const ended = runInDurableObject(objectOf(id), async (object, state) => {
      // What was written and is not on the disk goes with it.
      object.alarm().catch(() => {});
      await before(state);
      state.abort("ended by the test");
    });
    await expect(ended).rejects.toThrow("ended by the test");
  };
  await endWith(async () => {});
  await endWith((state) => state.storage.sync());
  await archive(id);
  await archive(id);
  expect(await saidIn(bob, id)).toEqual(texts);
  expect(await listOf(ada, id)).toEqual([]);
});

it("one that is refused when it is due stays as failed, holds nobody up, and is not tried until it is changed", async () => {
  const [ada, bob, eve] = [person(), person(), person()];
  const { id } = await ada.group([bob, eve]);
  await schedule(ada, id, "to-eve", ahead(HOUR), { mentions: [eve.userId] });
  await schedule(ada, id, "to-all", ahead(HOUR));
  await eve.call("DELETE", `/conversations/${id}/members/${eve.userId}`);
  await archive(id);
  const before = await revisionOf(id);
  await pass(id, HOUR);
  expect((await saidIn(bob, id)).at(-1)).toBe("to-all");
  const [failed] = await listOf(ada, id);
  expect(failed).toMatchObject({ clientMessageId: "to-eve", failed: "validation_failed" });
  expect((await toldSince(id, before))?.own).toMatchObject([
    {
      userId: ada.userId,
      publications: [
        { data: { type: "scheduled", clientMessageId: "to-eve", message: { failed: "validation_failed" } } },
      ],
    },
  ]);
  await ada.ok("POST", `/conversations/${id}/members`, { userIds: [eve.userId] });
  await archive(id);
  await archive(id);
  expect(await listOf(ada, id)).toEqual([failed]);
  const change = { text: "to Eve", sendAt: ahead(HOUR), mentions: [eve.userId] };
  expect(await ada.ok("PUT", way(id, "to-eve"), { ...change, sendAt: failed?.sendAt }).catch(String)).toMatch(
    "sendAt",
  );
  expect(await ada.ok("PUT", way(id, "to-eve"), change)).toMatchObject({ failed: null });
  await archive(id);
  await pass(id, HOUR);
  expect((await saidIn(eve, id)).at(-1)).toBe("to Eve");
  expect(await listOf(ada, id)).toEqual([]);
});

it("whether it may be sent is asked when it is due: a block, a suspension", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  for (const text of ["one", "two"]) await schedule(ada, id, text, ahead(text === "one" ? HOUR : 2 * HOUR));
  const between = { userId: bob.userId, otherId: ada.userId };
  await consumeAll([delivery("user.blocked", between, ahead(0))]);
  expect(
    (await ada.call("POST", way(id), { clientMessageId: "three", text: "x", sendAt: ahead(HOUR) })).status,
  ).toBe(403);
  // What has just changed brings an alarm at once, which is to be over before the next one is called.
  await archive(id);
  await pass(id, HOUR);
  await consumeAll([delivery("user.unblocked", between, ahead(0))]);
  await pass(id, HOUR);
  expect(await saidIn(bob, id)).toEqual(["two"]);
  expect(await listOf(ada, id)).toMatchObject([{ text: "one", failed: "forbidden" }]);
  await schedule(ada, id, "three", ahead(HOUR));
  answerOf(await objectOf(id).moderate(ahead(0), "suspend"));
  await pass(id, HOUR);
  expect(await listOf(ada, id)).toMatchObject([{ failed: "forbidden" }, { failed: "forbidden" }]);
  expect((await ada.call("DELETE", way(id, "one"))).status).toBe(204);
});

it("who sent a message with its id meanwhile has sent it", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  await schedule(ada, id, "once", ahead(HOUR));
  await ada.send(id, "at once", { clientMessageId: "once" });
  await archive(id);
  await pass(id, HOUR);
  expect(await saidIn(bob, id)).toEqual(["at once"]);
  expect(await listOf(ada, id)).toEqual([]);
});

it("an archive that cannot be written, and a fault of one, hold up no other", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  await archive(id);
  const sql = (statement: string) =>
    runInDurableObject(objectOf(id), (_, { storage }) => void storage.sql.exec(statement));
  await sql("INSERT INTO events (key, id, type, data, at) VALUES ('k', 'i', 'no.event', '{}', '')");
  await sql(
    "CREATE TRIGGER fault BEFORE INSERT ON messages WHEN NEW.text = 'one' BEGIN SELECT RAISE(ABORT, 'fault'); END",
  );
  for (const [text, ms] of [
    ["one", HOUR],
    ["two", HOUR],
    ["three", HOUR + LONGEST_RETRY_MS / 2],
  ] as const)
    await schedule(ada, id, text, ahead(ms));
  // As often as it has failed, it is tried every five minutes.
  for (let n = 0; n < 10; n++) await archive(id);
  expect(await alarmOf(id)).toBeLessThan(Date.now() + HOUR);
  await pass(id, HOUR);
  // The place that it was given went with it.
  expect((await bob.history(id)).items).toMatchObject([{ seq: 1, text: "two" }]);
  expect(await listOf(ada, id)).toMatchObject([{ text: "one", failed: "internal" }, { text: "three" }]);
  expect(await alarmOf(id)).toBe(Date.parse((await listOf(ada, id))[1]?.sendAt ?? ""));
  await pass(id, LONGEST_RETRY_MS / 2);
  expect(await saidIn(bob, id)).toEqual(["two", "three"]);
});

it("more than one go sends are sent by the next, in order", async () => {
  const people = [person(), person(), person()];
  const [ada] = people;
  if (ada === undefined) throw new Error("There is nobody");
  const { id } = await ada.group(people.slice(1));
  const at = ahead(HOUR);
  const texts: string[] = [];
  for (let n = 0; n < MAX_SCHEDULED; n++)
    for (const [index, someone] of people.entries()) {
      texts.push(`${n}-${index}`);
      await schedule(someone, id, `${n}-${index}`, at);
    }
  await archive(id);
  const sent = () =>
    runInDurableObject(objectOf(id), (_, { storage }) =>
      new ConversationStore(storage.sql).sql
        .exec<{ text: string }>("SELECT text FROM messages WHERE kind = 'text' ORDER BY seq")
        .toArray()
        .map(({ text }) => text),
    );
  await pass(id, HOUR);
  for (let goes = 1; (await sent()).length < texts.length; goes++) {
    expect(await sent()).toEqual(texts.slice(0, goes * SCHEDULED_AT_ONCE));
    expect(await alarmOf(id)).toBeLessThanOrEqual(Date.now());
    await pass(id, 0);
  }
  expect(await sent()).toEqual(texts);
}, 60_000);

it("what somebody wrote who is banned by then is not sent, and others' is", async () => {
  const banned = person(`${crypto.randomUUID().slice(0, -8)}dddddddd`);
  const bob = person();
  const { id } = await bob.direct(banned);
  await schedule(banned, id, "spam", ahead(HOUR));
  await schedule(bob, id, "hello", ahead(HOUR));
  await archive(id);
  await pass(id, HOUR);
  expect(await saidIn(bob, id)).toEqual(["hello"]);
  expect(await listOf(banned, id)).toMatchObject([{ text: "spam", failed: "forbidden" }]);
});
