import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { readUnpublished } from "../conversation/publish.ts";
import { ConversationStore } from "../conversation/store.ts";
import { MAX_TEXT_BYTES } from "../limits.ts";
import { archive, objectOf, person } from "../../test/person.ts";

const way = (id: string) => `/conversations/${id}/draft`;
/** Takes all for told, does something, and says what is then to be told. */
async function toldOf(id: string, work: () => Promise<unknown>) {
  const inStore = <T>(look: (store: ConversationStore) => T): Promise<T> =>
    runInDurableObject(objectOf(id), (_, { storage }) => look(new ConversationStore(storage.sql)));
  const revision = await inStore((store) => store.conversation().revision);
  await work();
  return inStore((store) => {
    store.sql.exec("UPDATE conversation SET published = ?", revision);
    return readUnpublished(store);
  });
}

describe("a draft", () => {
  it("is on all devices of who writes it, in the list too, and on nobody else's", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    await bob.send(id, "Is the ring still there?");
    const draft = { text: "Yes, and", replyTo: 1 };
    expect(await ada.ok("PUT", way(id), draft)).toMatchObject({ draft, role: "member" });
    expect((await ada.open(id)).me.draft).toMatchObject({ ...draft, updatedAt: expect.any(String) });
    expect((await bob.open(id)).me.draft).toBeNull();
    await archive(id);
    expect((await ada.list()).items[0]?.me.draft).toMatchObject(draft);
    expect((await bob.list()).items[0]?.me.draft).toBeNull();
    await ada.ok("PUT", way(id), { text: "" });
    expect((await ada.open(id)).me.draft).toBeNull();
    await archive(id);
    expect((await ada.list()).items[0]?.me.draft).toBeNull();
  });

  it("is told to their devices alone; so is that they mute the conversation", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    const { userId } = ada;
    for (const [work, me] of [
      [() => ada.ok("PUT", way(id), { text: "Ye" }), { draft: { text: "Ye" } }],
      [
        () => ada.ok("PUT", `/conversations/${id}/mute`, { until: "9999-01-01T00:00:00Z" }),
        { mutedUntil: "9999-01-01T00:00:00.000Z" },
      ],
    ] as const) {
      const told = await toldOf(id, work);
      expect(told).toMatchObject({ hubs: [], room: [], gone: [] });
      expect(told?.own).toMatchObject([{ userId, publications: [{ data: { type: "me", me } }] }]);
    }
    // Nothing to take away is nothing to tell.
    await ada.ok("PUT", way(id), { text: "" });
    expect(await toldOf(id, () => ada.ok("PUT", way(id), { text: "" }))).toBeNull();
  });

  it("needs a place in the conversation, a text that could be sent, and a message to answer", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.group([bob]);
    const status = async (body: unknown, someone = ada) => (await someone.call("PUT", way(id), body)).status;
    expect(await status({ text: "x".repeat(MAX_TEXT_BYTES) })).toBe(200);
    for (const body of [
      { text: "x".repeat(MAX_TEXT_BYTES + 1) },
      { text: "x", replyTo: 99 },
      { text: "x", replyTo: 0 },
      { text: 1 },
      { text: "x", more: 1 },
      {},
    ])
      expect(await status(body), JSON.stringify(body).slice(0, 60)).toBe(400);
    expect(await status({ text: "x" }, person())).toBe(404);
    await bob.ok("PUT", way(id), { text: "Bye" });
    await bob.call("DELETE", `/conversations/${id}/members/${bob.userId}`);
    expect(await status({ text: "x" }, bob)).toBe(404);
    expect((await bob.open(id)).me.draft).toBeNull();
  });

  it("is the latest of twenty that are saved at once", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    await Promise.all(Array.from({ length: 20 }, (_, n) => ada.ok("PUT", way(id), { text: `${n}` })));
    await ada.ok("PUT", way(id), { text: "last" });
    await archive(id);
    expect((await ada.list()).items[0]?.me.draft?.text).toBe("last");
  });
});
