import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { httpDatabase } from "@souk/db/client";
import { members, messages } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import type { PersonalRows } from "@souk/kit/rpc";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { Env } from "../env.ts";
import { ERASED_AT_ONCE } from "../limits.ts";
import { consumeAll, delivery } from "../../test/deliveries.ts";
import { archive, person } from "../../test/person.ts";

const db = () => httpDatabase(env.DATABASE_URL, parseEnv(Env, env).NEON_ENDPOINT);

describe("a block", () => {
  it("closes the two people's conversation until it is taken back, in whatever order that is told", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    const between = { userId: bob.userId, otherId: ada.userId };
    const blocked = delivery("user.blocked", between, "2026-10-01T12:00:00.000Z");
    const unblocked = delivery("user.unblocked", between, "2026-10-01T12:00:01.000Z");
    const status = async (key: string) =>
      (await ada.call("POST", `/conversations/${id}/messages`, { clientMessageId: key, text: "x" })).status;
    await consumeAll([blocked]);
    expect(await status("1")).toBe(403);
    await consumeAll([unblocked, blocked]);
    expect(await status("2")).toBe(201);
    // Of people who have no conversation nothing is kept.
    const strangers = { userId: person().userId, otherId: person().userId };
    expect((await consumeAll([delivery("user.blocked", strangers)])).explicitAcks).toHaveLength(1);
  });
});

describe("personal data", () => {
  it("is given to the person's copy: what they wrote, not what others did", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    await ada.send(id, "mine");
    await bob.send(id, "theirs");
    await archive(id);
    const given: PersonalRows[] = [];
    const AUTH = { storeExport: async (_: unknown, rows: PersonalRows) => void given.push(rows) };
    const event = delivery("person.export_requested", {
      userId: ada.userId,
      exportId: crypto.randomUUID(),
    });
    await consumeAll([event], { ...env, AUTH });
    expect(given).toMatchObject([
      { messages: [{ text: "mine" }], members: [{ conversation_id: id }], reports: [] },
    ]);
  });

  it("is erased everywhere, however many conversations there are, and the places stay", async () => {
    const ada = person();
    const others = Array.from({ length: ERASED_AT_ONCE + 2 }, () => person());
    const begun = await Promise.all(others.map((other) => ada.direct(other)));
    for (const { id } of begun) {
      await ada.send(id, "mine");
      await archive(id);
    }
    const [first] = begun;
    const [bob] = others;
    if (first === undefined || bob === undefined) throw new Error("There is nobody");
    await bob.send(first.id, "theirs", { mentions: [ada.userId], replyTo: 1 });
    await ada.ok("PUT", `/conversations/${first.id}/messages/2/reactions`, { emoji: "👍" });
    const erasure = { userId: ada.userId, erasureId: crypto.randomUUID() };
    await consumeAll([delivery("person.erasure_requested", erasure)]);
    const eraser = parseEnv(Env, env).ERASER.getByName(ada.userId);
    // It goes on by its own alarm too; what it does twice is harmless.
    const goOn = () =>
      runInDurableObject(eraser, async (object, { storage }) => {
        await object.alarm();
        return storage.kv.get("progress") !== undefined;
      });
    while (await goOn());
    for (const { id } of begun) await archive(id);
    expect((await bob.history(first.id)).items).toMatchObject([
      { seq: 2, text: "theirs", senderId: bob.userId, mentions: [], reactions: [] },
      { seq: 1, text: null, senderId: null, clientMessageId: null },
    ]);
    expect((await ada.call("GET", `/conversations/${first.id}`)).status).toBe(404);
    expect(await db().select().from(members).where(eq(members.userId, ada.userId))).toEqual([]);
    expect(await db().select().from(messages).where(eq(messages.senderId, ada.userId))).toEqual([]);
    const kept = await db().select().from(messages).where(eq(messages.conversationId, first.id));
    expect(kept.filter(({ text }) => text === "mine")).toEqual([]);
  });
});
