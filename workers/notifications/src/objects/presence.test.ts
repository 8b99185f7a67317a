import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { REALTIME } from "@souk/kit/realtime/limits";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { person } from "../../test/person.ts";
import { MAX_WATCHERS, SETTLE_MS, TOLD_AT_ONCE, WATCH_MS } from "../limits.ts";
import { PresenceEvent } from "../schemas.ts";
import { leave, settle, type Device, type Left } from "./presence.ts";

type Ada = ReturnType<typeof person>;
/** A machine that does much else is slow. */
const PATIENCE = { timeout: 10_000 };

/** Somebody who follows the channel `presence`, with what it told. */
async function watcher(bob = person()) {
  const device = await bob.connect();
  device.send({ type: "subscribe", channel: "presence" });
  await device.until("subscribed");
  const told: PresenceEvent["status"][] = [];
  device.socket.addEventListener("message", ({ data }) => {
    const frame: unknown = JSON.parse(String(data));
    if (Object(frame).channel === "presence") told.push(PresenceEvent.parse(Object(frame).data).status);
  });
  return { ...bob, device, told };
}
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
/** What the alarm does when its time has come: it may have come by itself. */
const ring = (ada: Ada) => runInDurableObject(ada.hub(), (hub) => hub.alarm());
const nextAlarm = (ada: Ada) => runInDurableObject(ada.hub(), (_, { storage }) => storage.getAlarm());
const statusOf = async (ada: Ada) => (await ada.hub().presence(ada.userId)).status;
const gone = async (device: { socket: WebSocket; closed: Promise<unknown> }) => {
  device.socket.close(1000);
  await device.closed;
};
/** Has the hub hear that its last device has left, which the other end of the socket does not wait for. */
const left = (ada: Ada, devices: number) =>
  vi.waitFor(
    async () =>
      expect(await runInDurableObject(ada.hub(), (_, state) => state.getWebSockets().length)).toBe(devices),
    PATIENCE,
  );
const told = (bob: { told: string[] }, expected: string[]) =>
  vi.waitFor(() => expect(bob.told).toEqual(expected), PATIENCE);

beforeEach(() => void vi.setSystemTime(Date.now()));
afterEach(() => void vi.useRealTimers());

describe("presence", () => {
  it("is online with a device that somebody uses, away with none of them, offline without any", async () => {
    const ada = person();
    expect(await ada.hub().presence(ada.userId)).toMatchObject({ status: "offline", lastSeenAt: null });
    const [phone, laptop] = [await ada.connect(), await ada.connect()];
    expect(await statusOf(ada)).toBe("online");
    phone.send({ type: "activity", id: "1", idle: true });
    expect((await phone.until("ack")).at(-1)).toMatchObject({ id: "1" });
    pass(SETTLE_MS);
    expect(await statusOf(ada)).toBe("online");
    laptop.send({ type: "activity", id: "1", idle: true });
    await laptop.until("ack");
    expect(await statusOf(ada)).toBe("online");
    pass(SETTLE_MS);
    await evictDurableObject(ada.hub());
    expect(await statusOf(ada)).toBe("away");
    phone.send({ type: "activity", id: "2", idle: false });
    await phone.until("ack");
    expect(await statusOf(ada)).toBe("online");
    await gone(phone);
    await gone(laptop);
    await left(ada, 0);
    const seenAt = new Date().toISOString();
    expect(await statusOf(ada)).toBe("online");
    pass(SETTLE_MS);
    expect(await ada.hub().presence(ada.userId)).toMatchObject({ status: "offline", lastSeenAt: seenAt });
  });

  it("is pushed to who watches, each change once, and what changed back in time not at all", async () => {
    const [ada, bob] = [person(), await watcher()];
    expect(await ada.hub().watch(ada.userId, bob.userId)).toMatchObject({ status: "offline" });
    const first = await ada.connect();
    await told(bob, ["online"]);
    await gone(first);
    await left(ada, 0);
    expect(await nextAlarm(ada)).toBe(Date.now() + SETTLE_MS);
    pass(SETTLE_MS - 1);
    const again = await ada.connect();
    await ring(ada);
    again.send({ type: "activity", id: "1", idle: true });
    await again.until("ack");
    pass(SETTLE_MS);
    await ring(ada);
    await told(bob, ["online", "away"]);
    await gone(again);
    await left(ada, 0);
    pass(SETTLE_MS);
    await ring(ada);
    await told(bob, ["online", "away", "offline"]);
    await ring(ada);
    expect(bob.told).toHaveLength(3);
  });

  it("takes a device for gone that gives no sign of life, though its socket is open, and says so", async () => {
    const [ada, bob] = [person(), person()];
    await ada.connect();
    const since = Date.now();
    await ada.hub().watch(ada.userId, bob.userId);
    expect(await nextAlarm(ada)).toBe(since + REALTIME.silentMs);
    pass(REALTIME.silentMs);
    const watching = await watcher(bob);
    await ring(ada);
    await told(watching, ["offline"]);
    expect(await ada.hub().presence(ada.userId)).toMatchObject({ lastSeenAt: new Date(since).toISOString() });
  });

  it("is pushed until the watch runs out or is ended, and to nobody who has left", async () => {
    const [ada, late, ended, away] = [person(), await watcher(), await watcher(), person()];
    for (const { userId } of [late, ended, away]) await ada.hub().watch(ada.userId, userId);
    await ada.hub().unwatch(ended.userId);
    const device = await ada.connect();
    await told(late, ["online"]);
    expect(ended.told).toEqual([]);
    const watchers = () =>
      runInDurableObject(ada.hub(), (_, { storage }) =>
        storage.sql.exec("SELECT watcher_id FROM watchers").toArray(),
      );
    expect(await watchers()).toEqual([{ watcher_id: late.userId }]);
    pass(WATCH_MS);
    await gone(device);
    await left(ada, 0);
    pass(SETTLE_MS);
    await ring(ada);
    expect(late.told).toEqual(["online"]);
    expect(await watchers()).toEqual([]);
  });

  it("is told to any number of watchers, some in each invocation", async () => {
    const ada = person();
    const watchers = await Promise.all(Array.from({ length: 2 * TOLD_AT_ONCE + 1 }, () => watcher()));
    for (const { userId } of watchers) await ada.hub().watch(ada.userId, userId);
    await ada.connect();
    for (let round = 0; round < 3; round++) await runDurableObjectAlarm(ada.hub());
    for (const one of watchers) await told(one, ["online"]);
  });

  it("has as many watchers as it may: the one whose watch ends first gives way", async () => {
    const ada = person();
    const ids = Array.from({ length: MAX_WATCHERS + 1 }, () => person().userId);
    await runInDurableObject(ada.hub(), async (hub) => {
      for (const id of ids) {
        await hub.watch(ada.userId, id);
        pass(1);
      }
    });
    const kept = await runInDurableObject(ada.hub(), (_, { storage }) =>
      storage.sql.exec<{ watcher_id: string }>("SELECT watcher_id FROM watchers ORDER BY until").toArray(),
    );
    expect(kept.map(({ watcher_id }) => watcher_id)).toEqual(ids.slice(1));
  });
});

it("follows from what devices said, whatever they do: worse only when it has lasted", () => {
  const step = fc.record({
    device: fc.nat({ max: 2 }),
    does: fc.constantFrom("connect", "ping", "idle", "active", "leave"),
    after: fc.nat({ max: 40_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const devices = new Map<number, Device>();
      let known: Left | undefined;
      /** When somebody was last at a device, and when one was last connected. */
      let now = 1_000_000;
      let [usedAt, thereAt] = [-Infinity, -Infinity];
      const look = () => {
        for (const { heardAt, idleSince } of devices.values()) {
          const lives = Math.min(now, heardAt + REALTIME.silentMs - 1);
          thereAt = Math.max(thereAt, lives);
          usedAt = Math.max(usedAt, idleSince === undefined ? lives : Math.min(lives, idleSince));
        }
      };
      for (const { device, does, after } of steps) {
        now += after;
        look();
        const one = devices.get(device);
        if (does === "connect" && one === undefined)
          devices.set(device, { heardAt: now, idleSince: undefined });
        else if (one === undefined) continue;
        else if (does === "leave") {
          known = leave(known, one, now);
          devices.delete(device);
        } else
          devices.set(device, {
            heardAt: does === "ping" ? now : one.heardAt,
            idleSince:
              does === "idle" ? (one.idleSince ?? now) : does === "active" ? undefined : one.idleSince,
          });
        look();
        const { status, until } = settle([...devices.values()], known, now);
        expect(until).toBeGreaterThan(now);
        if (usedAt >= now) expect(status).toBe("online");
        else if (thereAt >= now && now - usedAt > SETTLE_MS) expect(status).toBe("away");
        else if (thereAt >= now) expect(status).not.toBe("offline");
        else if (now - thereAt > SETTLE_MS) expect(status).toBe("offline");
        if (status !== "offline" && Number.isFinite(until))
          expect(settle([...devices.values()], known, until).status).not.toBe(status);
      }
    }),
    { numRuns: 500 },
  );
});
