import { describe, expect, it } from "vitest";
import { MAX_EDITS, MAX_TEXT_BYTES, MESSAGE_BURST } from "../limits.ts";
import { EarlierTexts, Message } from "../schemas/message.ts";
import { archive, person, type TestPerson } from "../../test/person.ts";

async function pair(): Promise<[TestPerson, TestPerson, string]> {
  const [ada, bob] = [person(), person()];
  return [ada, bob, (await ada.direct(bob)).id];
}
const path = (id: string, seq?: number) =>
  `/conversations/${id}/messages${seq === undefined ? "" : `/${seq}`}`;

describe("sending", () => {
  it("again with the same id, twenty times at once, is one message", async () => {
    const [ada, bob, id] = await pair();
    const body = { clientMessageId: "same", text: "Once" };
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.call("POST", path(id), body)));
    const sent = await Promise.all(answers.map(async (answer) => Message.parse(await answer.json())));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(sent.map((message) => message.id)).size).toBe(1);
    expect((await bob.history(id)).items).toHaveLength(1);
    // The other's ids are their own.
    expect((await bob.send(id, "Mine", { clientMessageId: "same" })).seq).toBe(2);
  });

  it("takes places without gaps, whoever sends at once", async () => {
    const [ada, bob, id] = await pair();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? ada : bob).send(id, `${index}`)),
    );
    const { items } = await ada.history(id);
    expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => 20 - index));
    expect(await bob.history(id)).toEqual(await ada.history(id));
  });

  it("refuses what is too long, empty, or refers to nothing", async () => {
    const [ada, , id] = await pair();
    const status = async (body: Record<string, unknown>) =>
      (await ada.call("POST", path(id), { clientMessageId: "x", ...body })).status;
    expect(await status({ text: "ö".repeat(MAX_TEXT_BYTES / 2) })).toBe(201);
    for (const body of [
      { text: `${"ö".repeat(MAX_TEXT_BYTES / 2)}x` },
      { text: "" },
      { text: "x", clientMessageId: "with space" },
      { text: "x", clientMessageId: "y", replyTo: 2 },
      { text: "x", clientMessageId: "y", mentions: [person().userId] },
      { text: "x", more: 1 },
      { text: "\u0000", clientMessageId: "y" },
    ])
      expect(await status(body), JSON.stringify(body).slice(0, 60)).toBe(400);
    expect(await status({ text: "x", clientMessageId: "y", replyTo: 1 })).toBe(201);
  });

  it("too fast is refused with the time to wait, and the other is not held up", async () => {
    const [ada, bob, id] = await pair();
    const answers = await Promise.all(
      Array.from({ length: MESSAGE_BURST * 3 }, (_, index) =>
        ada.call("POST", path(id), { clientMessageId: `${index}`, text: "x" }),
      ),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await bob.send(id, "Slowly")).kind).toBe("text");
  });
});

describe("history", () => {
  it("is read both ways, page by page, each message once", async () => {
    const [ada, bob, id] = await pair();
    for (let place = 1; place <= 15; place++) await (place % 2 === 0 ? ada : bob).send(id, `${place}`);
    const walk = async (query: string) => {
      const found: number[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const page = await ada.history(id, `?limit=4${query}${cursor && `&cursor=${cursor}`}`);
        found.push(...page.items.map(({ seq }) => seq));
        cursor = page.nextCursor;
      }
      return found;
    };
    const places = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index);
    expect(await walk("")).toEqual(places(1, 15).toReversed());
    expect(await walk("&before=10")).toEqual(places(1, 9).toReversed());
    expect(await walk("&from=1")).toEqual(places(1, 15));
    expect(await walk("&from=13")).toEqual([13, 14, 15]);
    expect((await ada.call("GET", `${path(id)}?before=3&from=1`)).status).toBe(400);
    expect((await ada.call("GET", `${path(id)}?cursor=nonsense`)).status).toBe(400);
  });
});

describe("what becomes of a message", () => {
  it("is edited by its sender alone, and deleted to an empty place", async () => {
    const [ada, bob, id] = await pair();
    await ada.send(id, "Goold");
    expect((await bob.call("PUT", path(id, 1), { text: "Lead" })).status).toBe(403);
    expect((await bob.call("DELETE", path(id, 1))).status).toBe(403);
    const edited = Message.parse(await ada.ok("PUT", path(id, 1), { text: "Gold" }));
    expect(edited).toMatchObject({ text: "Gold", editedAt: expect.any(String) });
    await bob.ok("PUT", `${path(id, 1)}/reactions`, { emoji: "👍" });
    const deleted = Message.parse(await ada.ok("DELETE", path(id, 1)));
    expect(deleted).toMatchObject({ text: null, deletedAt: expect.any(String), reactions: [], seq: 1 });
    expect(deleted.revision).toBeGreaterThan(edited.revision);
    expect(Message.parse(await ada.ok("DELETE", path(id, 1)))).toEqual(deleted);
    expect((await ada.call("PUT", path(id, 1), { text: "Gold" })).status).toBe(409);
    expect((await bob.call("PUT", `${path(id, 1)}/reactions`, { emoji: "👍" })).status).toBe(409);
    expect((await ada.send(id, "Next")).seq).toBe(2);
  });

  it("shows what it said before to all who may read it, as often as it may be edited, until it is deleted", async () => {
    const [ada, bob, eve] = [person(), person(), person()];
    const { id } = await ada.group([bob]);
    const sent = await ada.send(id, "0");
    for (let n = 1; n <= MAX_EDITS; n++) await ada.ok("PUT", path(id, 1), { text: `${n}` });
    expect((await ada.call("PUT", path(id, 1), { text: "once more" })).status).toBe(409);
    // What it says already is no edit.
    expect((await ada.call("PUT", path(id, 1), { text: `${MAX_EDITS}` })).status).toBe(200);
    await ada.ok("POST", `/conversations/${id}/members`, { userIds: [eve.userId] });
    const edits = async (someone: TestPerson) =>
      EarlierTexts.parse(await someone.ok("GET", `${path(id, 1)}/edits`));
    const { items } = await edits(bob);
    expect(items.map(({ text }) => text)).toEqual(Array.from({ length: MAX_EDITS }, (_, n) => `${n}`));
    expect(items[0]?.writtenAt).toBe(sent.createdAt);
    for (const stranger of [eve, person()])
      expect((await stranger.call("GET", `${path(id, 1)}/edits`)).status).toBe(404);
    expect((await ada.call("GET", `${path(id, 99)}/edits`)).status).toBe(404);
    await ada.ok("DELETE", path(id, 1));
    expect(await edits(bob)).toEqual({ items: [] });
  });

  it("collects one reaction of each kind from each, and pins", async () => {
    const [ada, bob, id] = await pair();
    await ada.send(id, "Look");
    const react = (someone: TestPerson, emoji: string, on = true) =>
      someone.call("PUT", `${path(id, 1)}/reactions`, { emoji, on });
    for (let time = 0; time < 3; time++) await react(bob, "👍🏽");
    await react(ada, "👍🏽");
    const { reactions } = Message.parse(await ada.ok("PUT", `${path(id, 1)}/pin`));
    expect(reactions).toEqual([{ emoji: "👍🏽", userIds: [ada.userId, bob.userId].toSorted() }]);
    expect((await react(bob, "abc")).status).toBe(400);
    expect(await bob.ok("GET", `/conversations/${id}/pins`)).toMatchObject({
      items: [{ seq: 1, pinned: true }],
    });
    await react(bob, "👍🏽", false);
    await bob.ok("DELETE", `${path(id, 1)}/pin`);
    const [message] = (await ada.history(id)).items;
    expect(message).toMatchObject({ pinned: false, reactions: [{ userIds: [ada.userId] }] });
  });

  it("is found by its words by those who may see it, and by nobody else", async () => {
    const [ada, bob, id] = await pair();
    const word = `w${crypto.randomUUID().slice(0, 8)}`;
    await ada.send(id, `A ring of ${word}`);
    await bob.send(id, "Something else");
    await archive(id);
    const found = async (someone: TestPerson, q: string) =>
      ((await someone.ok("GET", `/messages?q=${encodeURIComponent(q)}`)) as { items: { seq: number }[] })
        .items;
    expect(await found(bob, `${word} ring`)).toMatchObject([{ seq: 1 }]);
    expect(await found(bob, `${word} silver`)).toEqual([]);
    expect(await found(person(), word)).toEqual([]);
    await ada.ok("DELETE", path(id, 1));
    await archive(id);
    expect(await found(bob, word)).toEqual([]);
  });
});

describe("cursors", () => {
  it("never go back, nor past the end; what is read has been delivered; one's own is never unread", async () => {
    const [ada, bob, id] = await pair();
    for (const text of ["1", "2", "3"]) await ada.send(id, text);
    await bob.send(id, "4");
    expect((await ada.open(id)).unread).toBe(1);
    expect((await bob.open(id)).unread).toBe(3);
    expect(await bob.ok("PUT", `/conversations/${id}/delivered`, { seq: 2 })).toEqual({
      readSeq: 0,
      deliveredSeq: 2,
      unread: 3,
    });
    expect(await bob.read(id, 3)).toEqual({ readSeq: 3, deliveredSeq: 3, unread: 0 });
    expect(await bob.read(id, 1)).toEqual({ readSeq: 3, deliveredSeq: 3, unread: 0 });
    expect(await bob.read(id, 999)).toEqual({ readSeq: 4, deliveredSeq: 4, unread: 0 });
    await ada.send(id, "5");
    expect((await bob.open(id)).unread).toBe(1);
  });
});
