import { env } from "cloudflare:workers";
import { httpDatabase } from "@souk/db/client";
import { messages } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import { and, eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { Env } from "../env.ts";
import { Message } from "../schemas/message.ts";
import { consumeAll, delivery } from "../../test/deliveries.ts";
import { archive, person, type TestPerson } from "../../test/person.ts";

const db = () => httpDatabase(env.DATABASE_URL, parseEnv(Env, env).NEON_ENDPOINT);
const file = { mediaId: crypto.randomUUID(), name: "ring.jpg", contentType: "image/jpeg", bytes: 3 };
let count = 0;
const forward = (by: TestPerson, to: string, conversationId: string, seq: number, key = `f${++count}`) =>
  by.call("POST", `/conversations/${to}/forwards`, { clientMessageId: key, conversationId, seq });

/** A conversation of Ada and Bob with one message of Ada's, and one of Bob and Eve. */
async function two() {
  const [ada, bob, eve] = [person(), person(), person()];
  const [{ id: from }, { id: to }] = [await ada.direct(bob), await bob.direct(eve)];
  const original = await ada.send(from, "The ring", { attachments: [file] });
  return { ada, bob, eve, from, to, original };
}

describe("a message forwarded", () => {
  it("is a copy with its files and who wrote it first, also when it is forwarded again", async () => {
    const { ada, bob, eve, from, to, original } = await two();
    const answer = await forward(bob, to, from, 1);
    expect(answer.status).toBe(201);
    const origin = { senderId: ada.userId, sentAt: original.createdAt };
    const copy = { seq: 1, senderId: bob.userId, text: "The ring", attachments: [file], forwarded: origin };
    expect(Message.parse(await answer.json())).toMatchObject(copy);
    expect((await eve.history(to)).items).toMatchObject([copy]);
    const { id: third } = await eve.direct(ada);
    expect((await forward(eve, third, to, 1)).status).toBe(201);
    expect((await ada.history(third)).items).toMatchObject([{ ...copy, senderId: eve.userId }]);
    await archive(to);
    expect((await eve.list()).items.find(({ id }) => id === to)?.lastMessage?.forwarded).toEqual(origin);
  });

  it("again with the same id, twenty times at once, is one copy, also where the original is gone", async () => {
    const { ada, bob, from, to } = await two();
    const all = await Promise.all(Array.from({ length: 20 }, () => forward(bob, to, from, 1, "same")));
    expect(all.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(19);
    await ada.ok("DELETE", `/conversations/${from}/messages/1`);
    expect((await forward(bob, to, from, 1, "same")).status).toBe(200);
    expect((await forward(bob, to, from, 1)).status).toBe(409);
    expect((await bob.history(to)).items).toMatchObject([{ text: "The ring" }]);
  });

  it("has to be one that the caller may read, into a conversation that they may write in", async () => {
    const { ada, bob, eve, from, to } = await two();
    expect((await forward(eve, to, from, 1)).status).toBe(404);
    expect((await forward(ada, to, from, 1)).status).toBe(404);
    expect((await forward(bob, to, crypto.randomUUID(), 1)).status).toBe(404);
    expect((await forward(bob, to, from, 2)).status).toBe(404);
    expect((await forward(bob, to, from, 0)).status).toBe(400);
    expect((await forward(bob, to, "x", 1)).status).toBe(400);
    expect((await forward(bob, to, from, 1, "with space")).status).toBe(400);
    const { id: group } = await bob.group([eve]);
    await bob.ok("PUT", `/conversations/${group}`, { title: "Silver" });
    expect((await forward(bob, to, group, 1)).status).toBe(400);
    await consumeAll([delivery("user.blocked", { userId: eve.userId, otherId: bob.userId })]);
    expect((await forward(bob, to, from, 1)).status).toBe(403);
    expect((await eve.history(to)).items).toEqual([]);
  });

  it("stays what was written: nobody edits it, its sender may delete it", async () => {
    const { bob, eve, from, to } = await two();
    await forward(bob, to, from, 1);
    const path = `/conversations/${to}/messages/1`;
    expect((await bob.call("PUT", path, { text: "The ring is sold" })).status).toBe(403);
    expect((await eve.call("DELETE", path)).status).toBe(403);
    expect(Message.parse(await bob.ok("DELETE", path))).toMatchObject({ text: null, forwarded: null });
  });

  it("goes wherever it is when who wrote it is erased, and is in nobody's copy but theirs", async () => {
    const { ada, bob, eve, from, to } = await two();
    await forward(bob, to, from, 1);
    await bob.send(to, "my own");
    for (const id of [from, to]) await archive(id);
    const given: unknown[] = [];
    const AUTH = {
      storeExport: async (_: unknown, pages: { table: string; rows: unknown[] }[]) => {
        given.push(...pages.filter(({ table }) => table === "messages").flatMap(({ rows }) => rows));
        return pages;
      },
    };
    const asked = { userId: bob.userId, exportId: crypto.randomUUID() };
    await consumeAll([delivery("person.export_requested", asked)], { ...env, AUTH });
    expect(given).toMatchObject([{ text: null, attachments: [] }, { text: "my own" }]);

    await consumeAll([
      delivery("person.erasure_requested", { userId: ada.userId, erasureId: crypto.randomUUID() }),
    ]);
    await expect
      .poll(async () => (await eve.history(to)).items.map(({ text }) => text))
      .toEqual(["my own", null]);
    await expect
      .poll(() =>
        db()
          .select({ text: messages.text, origin: messages.originSenderId })
          .from(messages)
          .where(and(eq(messages.conversationId, to), eq(messages.seq, 1))),
      )
      .toEqual([{ text: null, origin: null }]);
    expect((await bob.history(to)).items.map(({ forwarded }) => forwarded)).toEqual([null, null]);
  });
});
