import { describe, expect, it } from "vitest";
import { archive, askedFirst, nobody, person, unwilling } from "../../test/person.ts";

describe("a direct conversation", () => {
  it("goes from the first message to the other's read cursor", async () => {
    const [ada, bob] = [person(), person()];
    const { id, kind, peerId } = await ada.direct(bob);
    expect({ kind, peerId }).toEqual({ kind: "direct", peerId: bob.userId });
    const first = await ada.send(id, "Is the ring still there?");
    const second = await bob.send(id, "Yes.");
    expect([first.seq, second.seq]).toEqual([1, 2]);
    expect((await bob.history(id)).items.map(({ text }) => text)).toEqual([
      "Yes.",
      "Is the ring still there?",
    ]);
    await archive(id);
    const { items } = await ada.list();
    expect(items).toMatchObject([
      { id, unread: 1, lastSeq: 2, peerId: bob.userId, lastMessage: { text: "Yes.", senderId: bob.userId } },
    ]);
    expect(await ada.read(id, 2)).toEqual({ readSeq: 2, deliveredSeq: 2, unread: 0 });
    await archive(id);
    expect((await ada.list()).items[0]?.unread).toBe(0);
    expect((await bob.list()).items[0]?.unread).toBe(1);
  });

  it("is one for the pair, whoever begins it, and twenty at once too", async () => {
    const [ada, bob] = [person(), person()];
    const begun = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? ada.direct(bob) : bob.direct(ada))),
    );
    expect(new Set(begun.map(({ id }) => id)).size).toBe(1);
    const again = await ada.call("POST", "/conversations", { kind: "direct", peerId: bob.userId });
    expect(again.status).toBe(200);
  });

  it.each([
    ["somebody who is nobody to me", nobody, 404],
    ["somebody who wants no messages", unwilling, 403],
  ])("is not begun with %s", async (_, other, status) => {
    const answer = await person().call("POST", "/conversations", { kind: "direct", peerId: other().userId });
    expect(answer.status).toBe(status);
  });

  it("is not begun with oneself", async () => {
    const ada = person();
    expect((await ada.call("POST", "/conversations", { kind: "direct", peerId: ada.userId })).status).toBe(
      400,
    );
  });

  it("waits for a yes of who is asked first", async () => {
    const [ada, eve] = [person(), askedFirst()];
    const { id } = await ada.direct(eve);
    await archive(id);
    expect((await eve.list()).items).toEqual([]);
    expect((await eve.list("?status=requested")).items).toMatchObject([{ id, me: { status: "requested" } }]);
    for (let place = 1; place <= 3; place++) await ada.send(id, `Hello ${place}`);
    const more = { clientMessageId: "more", text: "Hello?" };
    expect((await ada.call("POST", `/conversations/${id}/messages`, more)).status).toBe(403);
    expect((await eve.history(id)).items).toHaveLength(3);
    expect((await eve.call("POST", `/conversations/${id}/messages`, more)).status).toBe(404);
    // Whoever writes to somebody who asked them says yes.
    expect((await eve.direct(ada)).me.status).toBe("active");
    expect((await ada.send(id, "Thank you")).seq).toBe(4);
  });
});

describe("another's conversation", () => {
  it("is not there for who takes no part, and neither is one that never was", async () => {
    const [ada, bob, eve] = [person(), person(), person()];
    const { id } = await ada.direct(bob);
    await ada.send(id, "secret");
    const never = crypto.randomUUID();
    for (const path of [id, never].map((which) => `/conversations/${which}`)) {
      const answers = await Promise.all([
        eve.call("GET", path),
        eve.call("GET", `${path}/messages`),
        eve.call("POST", `${path}/messages`, { clientMessageId: "x", text: "x" }),
        eve.call("PUT", `${path}/read`, { seq: 1 }),
        eve.call("PUT", `${path}/delivered`, { seq: 1 }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    }
  });
});
