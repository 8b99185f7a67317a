import { describe, expect, it } from "vitest";
import { Message } from "../schemas/message.ts";
import { archive, person, type TestPerson } from "../../test/person.ts";
import { revisionOf, toldSince } from "../../test/told.ts";

const path = (id: string, seq: number) => `/conversations/${id}/messages/${seq}`;
const hide = async (someone: TestPerson, id: string, seq: number) =>
  Message.parse(await someone.ok("PUT", `${path(id, seq)}/hidden`));

describe("a message deleted for oneself", () => {
  it("keeps its empty place for that person, wherever they look, and is as ever for the others", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    const word = `w${crypto.randomUUID().slice(0, 8)}`;
    await bob.send(id, "first");
    await bob.send(id, `second ${word}`);
    await bob.ok("PUT", `${path(id, 2)}/pin`);
    const gone = await hide(ada, id, 2);
    expect(gone).toMatchObject({ seq: 2, senderId: bob.userId, text: null, hidden: true, deletedAt: null });
    expect(await hide(ada, id, 2)).toEqual(gone);
    expect((await ada.history(id)).items.map(({ text }) => text)).toEqual([null, "first"]);
    expect((await bob.history(id)).items.map(({ text }) => text)).toEqual([`second ${word}`, "first"]);
    const open = await ada.open(id);
    expect(open).toMatchObject({ unread: 2, lastSeq: 2, lastMessage: { text: null, hidden: true } });
    expect(await ada.ok("GET", `/conversations/${id}/pins`)).toEqual({ items: [] });
    expect(await bob.ok("GET", `/conversations/${id}/pins`)).toMatchObject({ items: [{ seq: 2 }] });
    await archive(id);
    const listed = async (someone: TestPerson) =>
      (await someone.list()).items.find((item) => item.id === id)?.lastMessage;
    expect(await listed(ada)).toMatchObject({ seq: 2, text: null, hidden: true });
    expect(await listed(bob)).toMatchObject({ seq: 2, text: `second ${word}`, hidden: false });
    expect(await ada.ok("GET", `/messages?q=${word}`)).toMatchObject({ items: [] });
    expect(await bob.ok("GET", `/messages?q=${word}`)).toMatchObject({ items: [{ seq: 2 }] });
  });

  it("is not there for them any more, whatever they want with it", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    await ada.send(id, "mine");
    await hide(ada, id, 1);
    const forward = { clientMessageId: "f", conversationId: id, seq: 1 };
    for (const [method, way, body] of [
      ["PUT", path(id, 1), { text: "edited" }],
      ["DELETE", path(id, 1)],
      ["PUT", `${path(id, 1)}/reactions`, { emoji: "👍" }],
      ["PUT", `${path(id, 1)}/pin`],
      ["GET", `${path(id, 1)}/edits`],
      ["POST", `/conversations/${id}/forwards`, forward],
    ] as const)
      expect((await ada.call(method, way, body)).status, `${method} ${way}`).toBe(404);
    expect((await bob.call("PUT", `${path(id, 1)}/reactions`, { emoji: "👍" })).status).toBe(200);
  });

  it("is told to their devices alone, and what becomes of it only to the others", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    await bob.send(id, "frist");
    const before = await revisionOf(id);
    await hide(ada, id, 1);
    const told = await toldSince(id, before);
    const data = { type: "hidden", conversationId: id, seq: 1 };
    expect(told).toMatchObject({ hubs: [], room: [] });
    expect(told?.own).toMatchObject([{ userId: ada.userId, publications: [{ channel: "chat", data }] }]);
    const since = await revisionOf(id);
    await bob.ok("PUT", path(id, 1), { text: "first" });
    await bob.send(id, "second");
    const later = (await toldSince(id, since))?.hubs.map(({ userIds, publications }) => [
      userIds,
      publications.map(({ key }) => key).length,
    ]);
    expect(new Map(later?.map(([ids, count]) => [String(ids), count]))).toEqual(
      new Map([
        [ada.userId, 1],
        [bob.userId, 2],
      ]),
    );
  });

  it("has to be in a conversation of theirs, and within what they may see", async () => {
    const [ada, bob, eve] = [person(), person(), person()];
    const { id } = await ada.group([bob]);
    await ada.send(id, "before");
    await ada.ok("POST", `/conversations/${id}/members`, { userIds: [eve.userId] });
    const status = async (someone: TestPerson, of: string, seq: number) =>
      (await someone.call("PUT", `${path(of, seq)}/hidden`)).status;
    expect(await status(person(), id, 1)).toBe(404);
    expect(await status(eve, id, 1)).toBe(404);
    expect(await status(eve, id, 2)).toBe(200);
    expect(await status(ada, id, 99)).toBe(404);
    expect(await status(ada, id, 0)).toBe(400);
    expect(await status(ada, crypto.randomUUID(), 1)).toBe(404);
  });

  it("is hidden once, however often at once", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    await bob.send(id, "once");
    const before = await revisionOf(id);
    await Promise.all(Array.from({ length: 20 }, () => hide(ada, id, 1)));
    expect(await revisionOf(id)).toBe(before + 1);
  });
});
