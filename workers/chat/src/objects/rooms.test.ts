import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import type { ServerFrame } from "@souk/kit/realtime/frames";
import { describe, expect, it } from "vitest";
import { OWN } from "../conversation/enter-room.ts";
import { OWN_ROOM_MEMBERS, ROOM_LINGER_MS } from "../limits.ts";
import { answerOf } from "../conversation/outcome.ts";
import { Env } from "../env.ts";
import { objectOf, person } from "../../test/person.ts";
import { enter, largeGroup, upgrade } from "../../test/room.ts";

const SOCKETS = 2_000;

const isMessage = (text: string) => (frame: ServerFrame) =>
  frame.type === "event" && JSON.stringify(frame.data).includes(`"text":"${text}"`);
const message = (clientMessageId: string, text: string) => ({ clientMessageId, text });

describe("a room", () => {
  it("of 2,000 sockets is on three shards, each told of a message once", async () => {
    const people = Array.from({ length: SOCKETS }, () => person());
    const [ada] = people;
    if (ada === undefined) throw new Error("There is nobody");
    const id = crypto.randomUUID();
    const members = people.map(({ userId }) => ({ userId, role: "member", status: "active" }) as const);
    answerOf(
      await objectOf(id).create(
        { userId: ada.userId, at: new Date().toISOString() },
        { id, kind: "group", title: "Gold", object: null, history: "all", members, eventIds: [] },
      ),
    );
    const sockets: Awaited<ReturnType<typeof enter>>[] = [];
    for (let from = 0; from < SOCKETS; from += 100)
      sockets.push(...(await Promise.all(people.slice(from, from + 100).map((one) => enter(one, id)))));
    const shards = await runInDurableObject(objectOf(id), (_, { storage }) =>
      storage.sql.exec("SELECT shard FROM rooms").toArray(),
    );
    expect(shards).toHaveLength(3);
    for (const text of ["one", "two"]) await ada.send(id, text);
    await Promise.all(sockets.map(({ first }) => first(isMessage("two"))));
    const counts = sockets.map(({ frames }) =>
      ["one", "two"].map((text) => frames.filter(isMessage(text)).length),
    );
    expect(counts).toEqual(people.map(() => [1, 1]));
    for (const { close } of sockets) close();
  }, 120_000);

  it("that grows out of its conversation's object is one room still", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.group([bob]);
    const early = await enter(bob, id);
    const crowd = Array.from({ length: OWN_ROOM_MEMBERS - 1 }, () => person());
    await ada.ok("POST", `/conversations/${id}/members`, { userIds: crowd.map(({ userId }) => userId) });
    const late = await enter(ada, id);
    const shards = await runInDurableObject(objectOf(id), (_, { storage }) =>
      storage.sql.exec("SELECT shard FROM rooms ORDER BY shard").toArray(),
    );
    expect(shards).toEqual([{ shard: OWN }, { shard: 0 }]);
    late.say({ type: "message.send", id: "a", message: message("1", "hello") });
    await Promise.all([early, late].map(({ first }) => first(isMessage("hello"))));
    early.say({ type: "message.send", id: "b", message: message("1", "hello to you") });
    await Promise.all([early, late].map(({ first }) => first(isMessage("hello to you"))));
    for (const { close } of [early, late]) close();
  });

  it("goes on for who reads while a message from before they joined changes, and not on a socket from before", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await largeGroup(ada, []);
    await ada.send(id, "before");
    await ada.ok("POST", `/conversations/${id}/members`, { userIds: [bob.userId] });
    const theirs = await enter(bob, id);
    const { shard } = answerOf(
      await objectOf(id).enterRoom({ userId: bob.userId, at: new Date().toISOString() }),
    );
    const room = parseEnv(Env, env).ROOM.getByName(`${id}:${shard}`);
    const back = (at: number) => ({ userId: bob.userId, at: new Date(at).toISOString(), isBack: true });
    await room.publish([], [back(Date.now() - 60_000)]);
    await ada.send(id, "still there");
    await theirs.first(isMessage("still there"));
    await room.publish([], [back(Date.now() + 60_000)]);
    expect(await theirs.closed).toBe(4003);
  });
});

const small: typeof largeGroup = (owner, others) => owner.group(others);

describe.each([
  ["held by its conversation", small],
  ["in shards", largeGroup],
])("a room %s", (_, groupOf) => {
  it("is spoken in by frames, and what is refused says why to its sender alone", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await groupOf(ada, [bob]);
    const [mine, theirs] = [await enter(ada, id), await enter(bob, id)];
    mine.say({ type: "message.send", id: "a", message: message("1", "hello") });
    expect(await mine.first(({ type }) => type === "ack")).toMatchObject({ id: "a", data: { seq: 1 } });
    await theirs.first(isMessage("hello"));
    theirs.say({ type: "read", id: "b", seq: 1 });
    expect(await theirs.first(({ type }) => type === "ack")).toMatchObject({ id: "b", data: { unread: 0 } });
    mine.say({ type: "typing" });
    expect(await theirs.first(({ type }) => type === "ephemeral")).toMatchObject({
      data: { type: "typing", userId: ada.userId },
    });
    const refusals: [object, string][] = [
      [{ type: "message.send", id: "c", message: message("2", "") }, "invalid_frame"],
      [{ type: "message.send", id: "d", message: { ...message("3", "x"), replyTo: 9 } }, "validation_failed"],
      [{ type: "message.delete", id: "e" }, "unknown_frame"],
      [{ type: "subscribe", channel: `room.${crypto.randomUUID()}` }, "unknown_channel"],
    ];
    for (const [frame, code] of refusals) {
      mine.say(frame);
      await mine.first((answer) => answer.type === "error" && answer.code === code);
    }
    expect(theirs.frames.filter(({ type }) => type === "error")).toEqual([]);
  });

  it("catches up after a cut on exactly what was missed", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await groupOf(ada, [bob]);
    const before = await enter(bob, id);
    await ada.send(id, "seen");
    const seen = await before.first(isMessage("seen"));
    if (seen.type !== "event") throw new Error("It is an event");
    // However long ago they came: a room counts as empty from when it is.
    await runInDurableObject(objectOf(id), (__, { storage }) =>
      storage.sql.exec("UPDATE rooms SET entered_at = '2026-01-01T00:00:00.000Z'"),
    );
    before.close();
    for (const text of ["missed 1", "missed 2"]) await ada.send(id, text);
    const after = await enter(bob, id);
    const since = { epoch: seen.epoch, offset: seen.offset };
    after.say({ type: "subscribe", channel: `room.${id}`, since });
    await after.first((frame) => frame.type === "subscribed" && frame.recovered);
    await after.first(isMessage("missed 2"));
    const events = after.frames.filter((frame) => frame.type === "event");
    expect(events.map(({ offset }) => offset)).toEqual([since.offset + 1, since.offset + 2]);
  });

  it("hides what was written before somebody joined: from a position that they make up, and when it changes", async () => {
    const [ada, bob, eve] = [person(), person(), person()];
    const { id } = await groupOf(ada, [bob]);
    const theirs = await enter(bob, id);
    await ada.send(id, "secret");
    await theirs.first(isMessage("secret"));
    await ada.ok("POST", `/conversations/${id}/members`, { userIds: [eve.userId] });
    const late = await enter(eve, id);
    const begun = await late.first(({ type }) => type === "subscribed");
    if (begun.type !== "subscribed") throw new Error("It is the answer to a subscription");
    late.say({ type: "subscribe", channel: `room.${id}`, since: { epoch: begun.epoch, offset: 0 } });
    await ada.ok("PUT", `/conversations/${id}/messages/1`, { text: "secret, edited" });
    await ada.send(id, "welcome");
    await Promise.all([late, theirs].map(({ first }) => first(isMessage("welcome"))));
    const hidden = { type: "hidden", conversationId: id, seq: 1 };
    const told = late.frames.filter((frame) => frame.type === "event");
    expect(told.map(({ data }) => data)).toMatchObject([
      hidden,
      { type: "message", message: { text: "member_joined" } },
      hidden,
      { type: "message", message: { text: "welcome" } },
    ]);
    expect(told.map(({ offset }) => offset)).toEqual([1, 2, 3, 4]);
    expect(theirs.frames.some(isMessage("secret, edited"))).toBe(true);
    for (const { close } of [late, theirs]) close();
  });

  it("has no more in its log what was deleted or erased since", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await groupOf(ada, [bob]);
    const theirs = await enter(bob, id);
    const begun = await theirs.first(({ type }) => type === "subscribed");
    if (begun.type !== "subscribed") throw new Error("It is the answer to a subscription");
    for (const text of ["secret", "another secret", "kept"]) await ada.send(id, text);
    await ada.ok("PUT", `/conversations/${id}/messages/1`, { text: "secret, edited" });
    await ada.ok("DELETE", `/conversations/${id}/messages/1`);
    await bob.send(id, "last");
    answerOf(await objectOf(id).erase(ada.userId, new Date().toISOString()));
    await bob.send(id, "afterwards");
    await theirs.first(isMessage("afterwards"));
    const again = await enter(bob, id);
    const since = { epoch: begun.epoch, offset: begun.offset };
    again.say({ type: "subscribe", channel: `room.${id}`, since });
    await again.first((frame) => frame.type === "subscribed" && frame.recovered);
    await again.first(isMessage("afterwards"));
    for (const text of ["secret", "another secret", "secret, edited", "kept"])
      expect([text, again.frames.some(isMessage(text))]).toEqual([text, false]);
    expect(again.frames.some(isMessage("last"))).toBe(true);
    for (const { close } of [theirs, again]) close();
  });

  it("stays closed to who was let in, and removed before their socket came", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await groupOf(ada, [bob]);
    const connectedAt = new Date(Date.now() - 1).toISOString();
    const { userId, sessionId } = bob;
    const { shard, visibleFrom } = answerOf(await objectOf(id).enterRoom({ userId, at: connectedAt }));
    await ada.call("DELETE", `/conversations/${id}/members/${userId}`);
    const mine = await enter(ada, id);
    await ada.send(id, "without Bob");
    await mine.first(isMessage("without Bob"));
    const { CONVERSATION, ROOM } = parseEnv(Env, env);
    const room = shard === OWN ? CONVERSATION.getByName(id) : ROOM.getByName(`${id}:${shard}`);
    const connection = { conversationId: id, userId, sessionId, connectedAt, visibleFrom };
    const headers = { upgrade: "websocket", "x-connection": JSON.stringify(connection) };
    const late = await room.fetch("https://room/", { headers });
    expect([late.status, late.webSocket]).toEqual([404, null]);
    await ada.ok("POST", `/conversations/${id}/members`, { userIds: [userId] });
    (await enter(bob, id)).close();
    mine.close();
  });

  it("says that it cannot tell what was missed to who was away longer than an empty room is told of anything", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await groupOf(ada, [bob]);
    const before = await enter(bob, id);
    await ada.send(id, "seen");
    const seen = await before.first(isMessage("seen"));
    if (seen.type !== "event") throw new Error("It is an event");
    before.close();
    await before.closed;
    await runInDurableObject(objectOf(id), (_, { storage }) =>
      storage.sql.exec("UPDATE rooms SET entered_at = '2026-01-01T00:00:00.000Z'"),
    );
    await ada.send(id, "missed 1");
    await runInDurableObject(objectOf(id), (conversation) => conversation.alarm());
    const holder = parseEnv(Env, env).ROOM.getByName(`${id}:0`);
    await runInDurableObject(groupOf === small ? objectOf(id) : holder, (__, { storage }) => {
      expect(storage.kv.get("room.emptyAt")).toBeTypeOf("number");
      storage.kv.put("room.emptyAt", Date.now() - ROOM_LINGER_MS);
    });
    for (const text of ["missed 2", "missed 3"]) {
      await ada.send(id, text);
      await runInDurableObject(objectOf(id), (conversation) => conversation.alarm());
    }
    const after = await enter(bob, id);
    const since = { epoch: seen.epoch, offset: seen.offset };
    after.say({ type: "subscribe", channel: `room.${id}`, since });
    await after.first((frame) => frame.type === "subscribed" && frame !== after.frames[1]);
    const answers = after.frames.filter((frame) => frame.type === "subscribed");
    expect(answers.map(({ recovered }) => recovered)).toEqual([false, false]);
    after.close();
  });

  it("closes to who is removed, and opens to nobody else", async () => {
    const [ada, bob, eve] = [person(), person(), person()];
    const { id } = await groupOf(ada, [bob]);
    const theirs = await enter(bob, id);
    await ada.call("DELETE", `/conversations/${id}/members/${bob.userId}`);
    expect(await theirs.closed).toBe(4003);
    const status = async (headers: Record<string, string>, query = "", room = id) =>
      (await upgrade(room, headers, query)).status;
    expect(await status(bob.headers)).toBe(404);
    expect(await status(eve.headers)).toBe(404);
    expect(await status(ada.headers, "", crypto.randomUUID())).toBe(404);
    expect(await status({})).toBe(401);
    expect(await status({}, "?ticket=nonsense")).toBe(401);
    expect(await status({ ...ada.headers, origin: "https://evil.example" })).toBe(403);
    expect(
      (await exports.default.fetch(`https://souk.test/ws/rooms/${id}`, { headers: ada.headers })).status,
    ).toBe(426);
  });
});
