import { runInDurableObject } from "cloudflare:test";
import { log } from "@souk/db/schema/events";
import { and, eq } from "drizzle-orm";
import { afterEach, expect, it, vi } from "vitest";
import { reminded } from "../conversation/remind.ts";
import { ConversationStore } from "../conversation/store.ts";
import { answerOf } from "../conversation/outcome.ts";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { REMIND_MS, REMINDED_AT_ONCE } from "../limits.ts";
import { archive, objectOf, person, type TestPerson } from "../../test/person.ts";

afterEach(() => void vi.useRealTimers());

async function largeGroup(people: TestPerson[]): Promise<string> {
  const id = crypto.randomUUID();
  const act = { userId: people[0]?.userId ?? "", at: new Date().toISOString() };
  const members = people.map(({ userId }) => ({ userId, role: "member", status: "active" }) as const);
  const founding = {
    id,
    kind: "group",
    title: "Gold",
    object: null,
    history: "all",
    members,
    eventIds: [],
  } as const;
  answerOf(await objectOf(id).create(act, { ...founding, members: [...members], eventIds: [] }));
  return id;
}
const silent = () => person(`${crypto.randomUUID().slice(0, -8)}cccccccc`);
/** Who was told of unread messages, in the log. */
async function told(id: string): Promise<string[]> {
  const rows = await ownerDatabase()
    .select({ data: log.data })
    .from(log)
    .where(and(eq(log.aggregateId, id), eq(log.type, "message.unread")));
  return rows.map(({ data }) => String(Object(data).userId)).toSorted();
}
const ids = (people: TestPerson[]) => people.map(({ userId }) => userId).toSorted();

it("of a group of any size tell who has not read after a minute, once, and nobody who mutes it or its sender", async () => {
  const [ada, reader, muting, silencing] = [person(), person(), person(), silent()];
  const crowd = Array.from({ length: 2 * REMINDED_AT_ONCE }, () => person());
  const id = await largeGroup([ada, reader, muting, silencing, ...crowd]);
  await muting.call("PUT", `/conversations/${id}/mute`, {
    until: new Date(Date.now() + 3_600_000).toISOString(),
  });
  await ada.send(id, "Good morning");
  await reader.read(id, 1);
  await archive(id);
  expect(await told(id)).toEqual([]);
  vi.setSystemTime(Date.now() + REMIND_MS);
  await archive(id);
  await archive(id);
  expect(await told(id)).toEqual(ids(crowd));
  await ada.send(id, "Again");
  await crowd[0]?.read(id, 2);
  vi.setSystemTime(Date.now() + REMIND_MS);
  await archive(id);
  await archive(id);
  expect(await told(id)).toEqual(ids([...crowd, reader]));
}, 60_000);

it("are not lost of what is written while others are told", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  for (const text of ["Good morning", "And?"]) await ada.send(id, text);
  const at = "2026-10-01T12:00:00.000Z";
  const due = (upTo: number) =>
    runInDurableObject(objectOf(id), (_, { storage }) => {
      const store = new ConversationStore(storage.sql);
      reminded(store, at, upTo);
      return store.conversation().remind_at;
    });
  expect(await due(1)).toBe(new Date(Date.parse(at) + REMIND_MS).toISOString());
  expect(await due(2)).toBeNull();
});
