import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { httpDatabase } from "@souk/db/client";
import { hidden, members, messages, scheduled } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import type { ExportPage } from "@souk/kit/rpc";
import { eq } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { Env } from "../env.ts";
import { ERASED_AT_ONCE, ROOMS_CLOSED_AT_ONCE } from "../limits.ts";
import { consumeAll, delivery } from "../../test/deliveries.ts";
import { archive, objectOf, person } from "../../test/person.ts";
import { enter } from "../../test/room.ts";

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

describe("a watch of presence", () => {
  it.each(["user.blocked", "friend.removed"] as const)(
    "ends for both with %s, as soon as that is told",
    async (type) => {
      const [userId, otherId] = [person().userId, person().userId];
      const ended: (string | null)[][] = [];
      const NOTIFICATIONS = {
        unwatch: async (watched: string, watcher: string | null) => void ended.push([watched, watcher]),
      };
      const { explicitAcks } = await consumeAll([delivery(type, { userId, otherId })], {
        ...env,
        NOTIFICATIONS,
      });
      expect(explicitAcks).toHaveLength(1);
      expect(ended).toHaveLength(2);
      expect(ended).toEqual(
        expect.arrayContaining([
          [userId, otherId],
          [otherId, userId],
        ]),
      );
    },
  );

  it("ends for everybody when a person says anew who may see them", async () => {
    const { userId } = person();
    const ended: (string | null)[][] = [];
    const NOTIFICATIONS = {
      unwatch: async (watched: string, watcher: string | null) => void ended.push([watched, watcher]),
    };
    const privacy = delivery("privacy.updated", {
      userId,
      profileVisibility: "public",
      activityVisibility: "friend",
      contactAudience: "followed",
      searchable: true,
    });
    await consumeAll([privacy], { ...env, NOTIFICATIONS });
    expect(ended).toEqual([[userId, null]]);
  });
});

describe("a session that ends", () => {
  it("has all its rooms closed, however many, and nobody else's", async () => {
    const [ada, bob] = [person(), person()];
    const rooms: string[] = [];
    const [mine, theirs]: Awaited<ReturnType<typeof enter>>[][] = [[], []];
    for (let n = 0; n < 2 * ROOMS_CLOSED_AT_ONCE + 1; n++) {
      const { id } = await ada.group([bob]);
      rooms.push(id);
      mine?.push(await enter(ada, id));
      if (n % 10 === 0) theirs?.push(await enter(bob, id));
    }
    const NOTIFICATIONS = { roomsOf: async () => rooms };
    const { userId, sessionId } = ada;
    await consumeAll([delivery("session.revoked", { userId, sessionId, reason: "logout" })], {
      ...env,
      NOTIFICATIONS,
    });
    expect(new Set(await Promise.all(mine?.map(({ closed }) => closed) ?? []))).toEqual(new Set([4001]));
    for (const [n, one] of theirs?.entries() ?? []) {
      await ada.send(rooms[n * 10] ?? "", "Still there?");
      await one.first(({ type }) => type === "event");
    }
    const closer = parseEnv(Env, env).ROOM_CLOSER.getByName(sessionId);
    await vi.waitFor(async () =>
      expect(
        await runInDurableObject(closer, (_, { storage }) => storage.kv.get("progress")),
      ).toBeUndefined(),
    );
  });
});

describe("personal data", () => {
  const later = { text: "Tomorrow?", sendAt: new Date(Date.now() + 3_600_000).toISOString() };

  it("is given to the person's copy: what they wrote, not what others did", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.direct(bob);
    await ada.send(id, "mine");
    await bob.send(id, "theirs");
    await ada.ok("PUT", `/conversations/${id}/messages/2/hidden`);
    await ada.ok("PUT", `/conversations/${id}/draft`, { text: "begun" });
    await ada.ok("POST", `/conversations/${id}/scheduled-messages`, { ...later, clientMessageId: "mine" });
    await bob.ok("POST", `/conversations/${id}/scheduled-messages`, { ...later, clientMessageId: "theirs" });
    await archive(id);
    const given: ExportPage[] = [];
    const AUTH = {
      storeExport: async (_: unknown, pages: ExportPage[]) => {
        given.push(...pages);
        return pages;
      },
    };
    const event = delivery("person.export_requested", {
      userId: ada.userId,
      exportId: crypto.randomUUID(),
    });
    await consumeAll([event], { ...env, AUTH });
    expect(given).toMatchObject([
      { table: "members", rows: [{ conversation_id: id, draft: { text: "begun" } }], after: null },
      { table: "messages", rows: [{ text: "mine" }], after: null },
      { table: "hidden", rows: [{ conversation_id: id, seq: 2 }], after: null },
      { table: "scheduled", rows: [{ client_message_id: "mine", text: later.text }], after: null },
      { table: "reports", rows: [], after: null },
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
    await ada.ok("PUT", `/conversations/${first.id}/messages/2/hidden`);
    await ada.ok("PUT", `/conversations/${first.id}/draft`, { text: "begun" });
    const toLater = `/conversations/${first.id}/scheduled-messages`;
    await ada.ok("POST", toLater, { ...later, clientMessageId: "mine" });
    await bob.ok("POST", toLater, { ...later, clientMessageId: "theirs", mentions: [ada.userId] });
    await archive(first.id);
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
    expect(await db().select().from(hidden).where(eq(hidden.userId, ada.userId))).toEqual([]);
    const left = await runInDurableObject(objectOf(first.id), (_, { storage }) =>
      storage.sql.exec("SELECT * FROM hidden").toArray(),
    );
    expect(left).toEqual([]);
    expect(await bob.ok("GET", toLater)).toMatchObject({
      items: [{ clientMessageId: "theirs", mentions: [] }],
    });
    const waiting = await runInDurableObject(objectOf(first.id), (_, { storage }) =>
      storage.sql.exec("SELECT client_message_id FROM scheduled").toArray(),
    );
    expect(waiting).toEqual([{ client_message_id: "theirs" }]);
    const archived = await db().select().from(scheduled).where(eq(scheduled.conversationId, first.id));
    expect(archived).toMatchObject([{ userId: bob.userId, mentions: [] }]);
    expect(await db().select().from(messages).where(eq(messages.senderId, ada.userId))).toEqual([]);
    const kept = await db().select().from(messages).where(eq(messages.conversationId, first.id));
    expect(kept.filter(({ text }) => text === "mine")).toEqual([]);
  });
});
