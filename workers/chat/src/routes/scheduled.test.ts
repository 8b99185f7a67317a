import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { httpDatabase } from "@souk/db/client";
import { scheduled } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { writeArchive } from "../conversation/archive.ts";
import { answerOf } from "../conversation/outcome.ts";
import { ConversationStore } from "../conversation/store.ts";
import { readUnarchived } from "../conversation/unarchived.ts";
import { Env } from "../env.ts";
import { LATEST_SCHEDULE_MS, MAX_SCHEDULED, MAX_TEXT_BYTES, SOONEST_SCHEDULE_MS } from "../limits.ts";
import { ScheduledMessage, ScheduledMessageList } from "../schemas/scheduled.ts";
import { archive, objectOf, person, type TestPerson } from "../../test/person.ts";
import { revisionOf, toldSince } from "../../test/told.ts";

const way = (id: string, key = "") => `/conversations/${id}/scheduled-messages${key && `/${key}`}`;
const ahead = (ms: number): string => new Date(Date.now() + ms).toISOString();
const HOUR = 3_600_000;
const soon = { text: "Tomorrow at nine?", sendAt: ahead(HOUR) };
const schedule = async (someone: TestPerson, id: string, clientMessageId: string, more: object = {}) =>
  ScheduledMessage.parse(await someone.ok("POST", way(id), { ...soon, clientMessageId, ...more }));
const listOf = async (someone: TestPerson, id: string) =>
  ScheduledMessageList.parse(await someone.ok("GET", way(id))).items;
const archived = (id: string) =>
  httpDatabase(env.DATABASE_URL, parseEnv(Env, env).NEON_ENDPOINT)
    .select()
    .from(scheduled)
    .where(eq(scheduled.conversationId, id));
const kept = (id: string) =>
  runInDurableObject(objectOf(id), (_, { storage }) =>
    storage.sql.exec("SELECT text FROM scheduled").toArray(),
  );

describe("a message for later", () => {
  it("is its writer's alone, in the order of its time, and can be changed and taken back", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    await bob.send(id, "When do we meet?");
    const mentions = [bob.userId];
    const later = await schedule(ada, id, "b", { sendAt: ahead(2 * HOUR), replyTo: 1, mentions });
    expect(later).toMatchObject({ clientMessageId: "b", replyTo: 1, mentions, failed: null });
    const first = await schedule(ada, id, "a.b_c~d-1");
    expect(await listOf(ada, id)).toEqual([first, later]);
    // A repeat is answered with what is there, whatever it says now.
    const repeat = await ada.call("POST", way(id), {
      clientMessageId: "b",
      text: "x",
      sendAt: ahead(-HOUR),
    });
    expect([repeat.status, await repeat.json()]).toEqual([200, later]);
    const change = { text: "Tomorrow at ten?", sendAt: ahead(3 * HOUR) };
    const changed = ScheduledMessage.parse(await ada.ok("PUT", way(id, "a.b_c~d-1"), change));
    expect(changed).toMatchObject({ ...change, replyTo: null, createdAt: first.createdAt });
    expect(changed.revision).toBeGreaterThan(later.revision);
    expect(await ada.ok("PUT", way(id, "a.b_c~d-1"), change)).toEqual(changed);
    expect(await listOf(ada, id)).toEqual([later, changed]);
    for (const [method, body] of [["PUT", soon], ["DELETE"]] as const)
      expect((await bob.call(method, way(id, "b"), body)).status).toBe(404);
    expect(await listOf(bob, id)).toEqual([]);
    expect(await schedule(bob, id, "b")).toMatchObject({ text: soon.text });
    expect((await ada.call("DELETE", way(id, "b"))).status).toBe(204);
    for (const [method, body] of [["PUT", soon], ["DELETE"]] as const)
      expect((await ada.call(method, way(id, "b"), body)).status).toBe(404);
    expect(await listOf(ada, id)).toEqual([changed]);
    expect(await listOf(bob, id)).toHaveLength(1);
    // Taken back, it may be written anew.
    expect(await schedule(ada, id, "b", { text: "again" })).toMatchObject({ text: "again", replyTo: null });
  });

  it("shows nowhere: not in the history, the list, search, what is unread, or a report", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    const word = `w${crypto.randomUUID().slice(0, 8)}`;
    await ada.send(id, "first");
    const before = await revisionOf(id);
    await schedule(ada, id, "a", { text: `second ${word}` });
    const told = await toldSince(id, before);
    expect(told).toMatchObject({ hubs: [], room: [], gone: [] });
    expect(told?.own.map(({ userId }) => userId)).toEqual([ada.userId]);
    await archive(id);
    for (const someone of [ada, bob]) {
      expect((await someone.history(id)).items.map(({ text }) => text)).toEqual(["first"]);
      expect(await someone.open(id)).toMatchObject({ lastSeq: 1, lastMessage: { text: "first" } });
      expect((await someone.list()).items).toMatchObject([{ lastSeq: 1, lastMessage: { text: "first" } }]);
      expect(await someone.ok("GET", `/messages?q=${word}`)).toMatchObject({ items: [] });
    }
    expect((await bob.open(id)).unread).toBe(1);
    const context = await runInDurableObject(objectOf(id), (object) => object.context(bob.userId, 1));
    expect(JSON.stringify(context)).not.toContain(word);
  });

  it("is told to all devices of its writer with each change, and what they were told before goes", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    const told: unknown[] = [];
    for (const work of [
      () => schedule(ada, id, "a"),
      () => ada.ok("PUT", way(id, "a"), { ...soon, text: "At ten?" }),
      () => ada.call("DELETE", way(id, "a")),
    ]) {
      const before = await revisionOf(id);
      await work();
      const { hubs = [], own = [] } = (await toldSince(id, before)) ?? {};
      expect(hubs).toEqual([]);
      told.push(...own);
    }
    const event = { type: "scheduled", conversationId: id, clientMessageId: "a" };
    const supersedes = `${id}:sa@`;
    const { userId } = ada;
    expect(told).toMatchObject(
      [{ text: soon.text, failed: null }, { text: "At ten?" }, null].map((message) => ({
        userId,
        publications: [{ channel: "chat", supersedes, data: { ...event, message } }],
      })),
    );
    expect(JSON.stringify(told[0])).toContain(`${supersedes}`);
  });

  it("stands in the archive until it is taken back; then nothing of it is kept", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    const { sendAt } = await schedule(ada, id, "a");
    await schedule(ada, id, "b", { text: "And" });
    await archive(id);
    const [row] = await archived(id);
    expect(row).toMatchObject({ userId: ada.userId, clientMessageId: "a", text: soon.text, failed: null });
    expect(row?.sendAt.toISOString()).toBe(sendAt);
    await ada.ok("PUT", way(id, "a"), { ...soon, text: "At ten?" });
    await ada.call("DELETE", way(id, "b"));
    await archive(id);
    expect((await archived(id)).map(({ text }) => text)).toEqual(["At ten?"]);
    expect(await kept(id)).toEqual([{ text: "At ten?" }]);
    await ada.call("DELETE", way(id, "a"));
    expect(await kept(id)).toEqual([{ text: null }]);
    await archive(id);
    expect([await archived(id), await kept(id)]).toEqual([[], []]);
  });

  it("does not come back by a write of the archive that was given up and comes late", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    const [context, store] = [
      createContext(parseEnv(Env, env), { service: "chat", waitUntil: () => {} }),
      <T>(look: (of: ConversationStore) => T) =>
        runInDurableObject(objectOf(id), (_, { storage }) => look(new ConversationStore(storage.sql))),
    ];
    await schedule(ada, id, "a");
    const late = await store((of) => {
      of.sql.exec("UPDATE conversation SET archived = 0");
      return readUnarchived(of);
    });
    if (late === null) throw new Error("There is nothing to archive");
    await ada.call("DELETE", way(id, "a"));
    await archive(id);
    await writeArchive(context, late);
    expect(await archived(id)).toEqual([]);
    // Nor does it take away what was written anew since.
    await schedule(ada, id, "a", { text: "anew" });
    await archive(id);
    const taken = late.scheduled.map((row) => ({ ...row, text: null }));
    await writeArchive(context, { ...late, scheduled: taken });
    expect((await archived(id)).map(({ text }) => text)).toEqual(["anew"]);
  });

  it("goes with its writer's part in a group", async () => {
    const [ada, bob, eve] = [person(), person(), person()];
    const { id } = await ada.group([bob, eve]);
    for (const someone of [ada, bob, eve]) await schedule(someone, id, "a");
    await bob.call("DELETE", `/conversations/${id}/members/${bob.userId}`);
    await ada.call("DELETE", `/conversations/${id}/members/${eve.userId}`);
    for (const someone of [bob, eve])
      for (const [method, path, body] of [
        ["GET", way(id)],
        ["POST", way(id), { ...soon, clientMessageId: "b" }],
        ["PUT", way(id, "a"), soon],
        ["DELETE", way(id, "a")],
      ] as const)
        expect((await someone.call(method, path, body)).status, `${method} ${path}`).toBe(404);
    await archive(id);
    expect((await archived(id)).map(({ userId }) => userId)).toEqual([ada.userId]);
    await ada.ok("POST", `/conversations/${id}/members`, { userIds: [bob.userId] });
    expect(await listOf(bob, id)).toEqual([]);
  });

  it("is gone from the object at once when its writer is erased", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.group([bob]);
    for (const someone of [ada, bob]) await schedule(someone, id, "a");
    const left = await runInDurableObject(objectOf(id), async (object, { storage }) => {
      answerOf(await object.erase(bob.userId, ahead(0)));
      return storage.sql.exec("SELECT user_id FROM scheduled").toArray();
    });
    expect(left).toEqual([{ user_id: ada.userId }]);
  });

  it("needs a place in the conversation, what could be sent now, and a time from a minute to a year ahead", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.group([bob]);
    await schedule(ada, id, "known");
    await ada.send(id, "sent", { clientMessageId: "sent" });
    const status = async (more: object, someone = ada) =>
      (await someone.call("POST", way(id), { ...soon, clientMessageId: crypto.randomUUID(), ...more }))
        .status;
    const margin = 30_000;
    for (const sendAt of [ahead(SOONEST_SCHEDULE_MS + margin), ahead(LATEST_SCHEDULE_MS - margin)])
      expect(await status({ sendAt })).toBe(201);
    for (const more of [
      { sendAt: ahead(SOONEST_SCHEDULE_MS - margin) },
      { sendAt: ahead(-HOUR) },
      { sendAt: ahead(LATEST_SCHEDULE_MS + margin) },
      { sendAt: "tomorrow" },
      { sendAt: undefined },
      { text: "" },
      { text: "x".repeat(MAX_TEXT_BYTES + 1) },
      { replyTo: 99 },
      { mentions: [person().userId] },
      { clientMessageId: ".." },
      { clientMessageId: "." },
      { clientMessageId: "a/b" },
      { clientMessageId: "a".repeat(65) },
      { more: 1 },
    ]) {
      expect(await status(more), JSON.stringify(more).slice(0, 60)).toBe(400);
      const { clientMessageId: _, ...change } = { clientMessageId: "", ...soon, ...more };
      if ("clientMessageId" in more) continue;
      expect((await ada.call("PUT", way(id, "known"), change)).status).toBe(400);
    }
    expect(await status({ clientMessageId: "sent" })).toBe(409);
    expect(await status({}, person())).toBe(404);
    expect((await ada.call("DELETE", way(id, "unknown"))).status).toBe(404);
    expect((await person().call("GET", way(id))).status).toBe(404);
    expect((await ada.call("GET", way(crypto.randomUUID()))).status).toBe(404);
  });

  it("is one of at most fifty, however many come at once, and once for its id", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    const post = async (clientMessageId: string, someone = ada) =>
      (await someone.call("POST", way(id), { ...soon, clientMessageId })).status;
    const same = await Promise.all(Array.from({ length: 20 }, () => post("same")));
    expect(same.toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
    for (let n = 1; n < MAX_SCHEDULED - 10; n++) expect(await post(`${n}`)).toBe(201);
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, n) => post(`at once ${n}`.replaceAll(" ", "-"))),
    );
    expect(many.filter((one) => one === 201)).toHaveLength(10);
    expect(many.filter((one) => one === 409)).toHaveLength(10);
    expect(await listOf(ada, id)).toHaveLength(MAX_SCHEDULED);
    // Each has their own, and who takes one back may write another.
    expect(await post("mine", bob)).toBe(201);
    await ada.call("DELETE", way(id, "same"));
    expect(await post("same")).toBe(201);
    expect(await post("more")).toBe(409);
  });
});
