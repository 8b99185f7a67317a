import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import type { EventData } from "@souk/kit/events";
import { describe, expect, it } from "vitest";
import { readStream } from "../../../../test/read-stream.ts";
import { consumeAll, delivery } from "../../test/deliveries.ts";
import { listen, person } from "../../test/person.ts";
import { Env } from "../env.ts";
import { SHARD_SOCKETS, shardOf } from "../price-rooms.ts";

type Facts = EventData<"price.updated">;

let pairs = 0;
/** A pair of each test's own. */
const newPair = () => {
  const letters = [26 * 26, 26, 1].map((unit) => 65 + (Math.floor(pairs / unit) % 26));
  pairs++;
  return { metal: "XPD", currency: String.fromCharCode(...letters) };
};
const minute = (n: number) => new Date(Date.UTC(2026, 9, 1, 12, n)).toISOString();
const quote = (pair: Pick<Facts, "metal" | "currency">, price: string, n: number) =>
  delivery("price.updated", {
    ...pair,
    price,
    previousPrice: null,
    quotedAt: minute(n),
    fetchedAt: minute(n),
  });
const object = (room: string, shard = 0) => parseEnv(Env, env).PRICE_ROOM.getByName(shardOf(room, shard));

const ask = (path: string, headers: Record<string, string> = {}) =>
  exports.default.fetch(`https://souk.test/ws/rooms/prices/${path}`, {
    headers: { upgrade: "websocket", ...headers },
  });

/** A socket straight to one of a room's objects, as `openPriceRoom` asks for it. */
const askObject = (room: string, shard: number, { userId, sessionId }: Awaited<ReturnType<typeof person>>) =>
  object(room, shard).fetch("https://room/", {
    headers: {
      upgrade: "websocket",
      "x-connection": JSON.stringify({ userId, sessionId, connectedAt: minute(0) }),
      "x-room": JSON.stringify({ room, shard }),
    },
  });

/** Follows a pair as a person; `latest` is what the subscription told. */
async function follow(pair: Pick<Facts, "metal" | "currency">, ada = person()) {
  const { ticket } = await ada.ticket();
  const room = `prices.${pair.metal}.${pair.currency}`;
  const { status, webSocket } = await ask(`${pair.metal}.${pair.currency}?ticket=${ticket}`);
  if (webSocket === null) throw new Error(`No socket: ${status}`);
  const device = listen(webSocket);
  device.send({ type: "subscribe", channel: room });
  const subscribed = (await device.until("subscribed")).at(-1);
  return { ...device, room, latest: subscribed?.type === "subscribed" && subscribed.latest };
}
const nextPrice = async (device: Awaited<ReturnType<typeof follow>>) => {
  const frame = (await device.until("event")).at(-1);
  return frame?.type === "event" && frame.data;
};

describe("the live price of a pair", () => {
  it("is told as server-sent events too, from where the reader was", async () => {
    const pair = newPair();
    await consumeAll(quote(pair, "1000", 0));
    const ada = person();
    const open = async (cursor = "") => {
      const { ticket } = await ada.ticket();
      const path = `/api/v1/realtime/rooms/prices/${pair.metal}.${pair.currency}/events`;
      const query = `?ticket=${ticket}&lastEventId=${encodeURIComponent(cursor)}`;
      return readStream(await exports.default.fetch(`https://souk.test${path}${query}`));
    };
    const stream = await open();
    const { frames, id } = await stream.until(({ type }) => type === "subscribed");
    expect(frames.at(-1)).toMatchObject({ latest: { price: "1000" } });
    await stream.cancel();
    await consumeAll(quote(pair, "1001.5", 5));
    const again = await open(id);
    const missed = await again.until(({ type }) => type === "event");
    expect(missed.frames.slice(-2)).toMatchObject([
      { type: "subscribed", recovered: true, latest: { price: "1001.5" } },
      { type: "event", data: { price: "1001.5" } },
    ]);
    await again.cancel();
  });

  it("is told on subscribing, then each change, to everyone who follows it", async () => {
    const pair = newPair();
    await consumeAll(quote(pair, "1000", 0));
    const devices = [await follow(pair), await follow(pair)];
    for (const { latest } of devices) expect(latest).toMatchObject({ type: "price", price: "1000" });
    await consumeAll(quote(pair, "1001.5", 5));
    for (const device of devices)
      expect(await nextPrice(device)).toMatchObject({ ...pair, price: "1001.5", quotedAt: minute(5) });
    await evictDurableObject(object(devices[0]?.room ?? ""));
    await consumeAll(quote(pair, "1002", 10));
    for (const device of devices) expect(await nextPrice(device)).toMatchObject({ price: "1002" });
  });

  it("never goes back, whatever comes how often and in what order", async () => {
    const pair = newPair();
    const quotes = [quote(pair, "1", 1), quote(pair, "2", 2), quote(pair, "3", 3)];
    await consumeAll(...quotes.slice(0, 2));
    const device = await follow(pair);
    await consumeAll(...quotes.toReversed(), ...quotes);
    expect(await nextPrice(device)).toMatchObject({ price: "3" });
    expect((await follow(pair)).latest).toMatchObject({ price: "3" });
    device.send({ type: "unsubscribe", channel: device.room });
    expect((await device.until("unsubscribed")).filter(({ type }) => type === "event")).toEqual([]);
  });

  it("has further objects when the first is full, and they are told too", async () => {
    const pair = newPair();
    await consumeAll(quote(pair, "1", 1));
    const room = `prices.${pair.metal}.${pair.currency}`;
    const [ada, eve] = [person(), person()];
    const socketOf = async (shard: number, who: ReturnType<typeof person>) => {
      const { webSocket } = await askObject(room, shard, who);
      if (webSocket === null) throw new Error("No socket");
      const device = listen(webSocket);
      device.send({ type: "subscribe", channel: room });
      expect((await device.until("subscribed")).at(-1)).toMatchObject({ latest: { price: "1" } });
      return { ...device, room, latest: undefined };
    };
    const [second, third] = [await socketOf(1, ada), await socketOf(2, eve)];
    await consumeAll(quote(pair, "2", 2));
    for (const device of [second, third]) expect(await nextPrice(device)).toMatchObject({ price: "2" });
    await object(room).endSession(room, ada.sessionId, Date.now());
    expect(await second.closed).toEqual({ code: 4001, reason: "session_ended" });
    await consumeAll(quote(pair, "3", 3));
    expect(await nextPrice(third)).toMatchObject({ price: "3" });
  });

  it("sends who comes when an object is full to the next", async () => {
    const pair = newPair();
    await consumeAll(quote(pair, "1", 1));
    const room = `prices.${pair.metal}.${pair.currency}`;
    for (let crowd = 0; crowd < SHARD_SOCKETS; crowd += 20) {
      const ada = person();
      const answers = await Promise.all(Array.from({ length: 20 }, () => askObject(room, 0, ada)));
      for (const { webSocket } of answers) webSocket?.accept();
    }
    const late = await follow(pair);
    expect(late.latest).toMatchObject({ price: "1" });
    const shards = await runInDurableObject(object(room), (_, state) =>
      state.storage.sql.exec("SELECT shard FROM shards").toArray(),
    );
    expect(shards).toEqual([{ shard: 1 }]);
    await consumeAll(quote(pair, "2", 2));
    expect(await nextPrice(late)).toMatchObject({ price: "2" });
  });

  it("is refused for a pair without one, for strangers and for pages of others, and keeps nothing then", async () => {
    const ada = person();
    const { ticket } = await ada.ticket();
    expect((await ask("XAG.ZZZ")).status).toBe(401);
    expect((await ask(`XAG.ZZZ?ticket=${ticket}`, { origin: "https://evil.example" })).status).toBe(403);
    expect((await ask(`XAG.ZZZ?ticket=${ticket}`)).status).toBe(404);
    expect((await ask("gold")).status).toBe(400);
    const tables = await runInDurableObject(object("prices.XAG.ZZZ"), (_, state) =>
      state.storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .toArray(),
    );
    expect(tables).toEqual([]);
    expect((await exports.default.fetch("https://souk.test/ws/rooms/prices/XAU.USD")).status).toBe(426);
  });

  it("is closed to a session that ends, and to a socket of it that comes late", async () => {
    const pair = newPair();
    await consumeAll(quote(pair, "1", 1));
    const [ada, eve] = [person(), person()];
    const [lost, kept] = [await follow(pair, ada), await follow(pair, eve)];
    const { ticket } = await ada.ticket();
    await consumeAll(
      delivery("session.revoked", { userId: ada.userId, sessionId: ada.sessionId, reason: "logout" }),
    );
    expect(await lost.closed).toEqual({ code: 4001, reason: "session_ended" });
    expect((await ask(`${pair.metal}.${pair.currency}?ticket=${ticket}`)).status).toBe(401);
    const late = await askObject(lost.room, 0, ada);
    expect(late.status).toBe(401);
    await consumeAll(quote(pair, "2", 2));
    expect(await nextPrice(kept)).toMatchObject({ price: "2" });
  });
});
