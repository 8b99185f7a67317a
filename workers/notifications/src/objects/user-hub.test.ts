import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { REALTIME } from "@souk/kit/realtime/limits";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { holdSchedules, SCHEDULES, SCHEDULES_MS } from "../../../../test/schedules.ts";
import { listen, person, upgrade } from "../../test/person.ts";
import { device } from "../../test/realtime-client.ts";

const Numbered = z.object({ n: z.number() });
const DEVICES = 3;
const PATIENCE = { timeout: 30_000, interval: 20 };
const WINDOW = REALTIME.log.events;

type Step =
  | { do: "publish"; count: number }
  | { do: "repeat" }
  | { do: "cut"; device: number }
  | { do: "away"; device: number }
  | { do: "back"; device: number }
  | { do: "evict"; sockets: "hibernate" | "close" };

const anyDevice = fc.nat({ max: DEVICES - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("publish" as const), count: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "publish" as const, count: WINDOW + 1 }) },
  { weight: 2, arbitrary: fc.constant({ do: "repeat" as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cut" as const), device: anyDevice }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("away" as const), device: anyDevice }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("back" as const), device: anyDevice }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("evict" as const),
      sockets: fc.constantFrom("hibernate" as const, "close" as const),
    }),
  },
);

/** What a device shows: after each subscription that recovers nothing it loads what was published by then; then the events. */
function follower(ada: ReturnType<typeof person>, published: number[]) {
  const one = device(ada);
  const seen: number[] = [];
  let resets = 0;
  one.realtime.subscribe("chat", {
    onSubscribed: ({ recovered, position }) => {
      if (recovered) return;
      resets++;
      seen.splice(0, seen.length, ...published.slice(0, position.offset));
    },
    onEvent: (data) => seen.push(Numbered.parse(data).n),
  });
  return { ...one, seen, resets: () => resets };
}

const evict = (hub: ReturnType<ReturnType<typeof person>["hub"]>, webSockets: "hibernate" | "close") =>
  evictDurableObject(hub, { webSockets }).catch((error: unknown) => {
    // It sleeps already.
    if (!String(error).includes("not currently running")) throw error;
  });

/** One person's hub, as many devices that follow it, and the plain model: what was published, in order. */
async function newHub() {
  const ada = person();
  const hub = ada.hub();
  const published: number[] = [];
  const publish = (numbers: number[]) =>
    hub.publish(numbers.map((n) => ({ channel: "chat", data: { n }, key: String(n) })));
  const devices = Array.from({ length: DEVICES }, () => follower(ada, published));
  for (const one of devices) await vi.waitFor(() => expect(one.resets()).toBe(1), PATIENCE);

  async function run(act: Step): Promise<void> {
    if (act.do === "publish") {
      const numbers = Array.from({ length: act.count }, (_, i) => published.length + i + 1);
      published.push(...numbers);
      await publish(numbers);
    } else if (act.do === "repeat") await publish(published.slice(-20));
    else if (act.do === "evict") await evict(hub, act.sockets);
    else if (act.do === "cut") devices[act.device]?.cut();
    else devices[act.device]?.reach(act.do === "back");
  }
  /** Holds what each device shows to the model, once all are back. */
  async function hold(): Promise<void> {
    for (const one of devices) one.reach(true);
    for (const { seen } of devices) {
      // To compare the whole at each look would take most of the time.
      await vi.waitFor(() => expect(seen.at(-1)).toBe(published.at(-1)), PATIENCE);
      expect(seen).toEqual(published);
    }
    for (const one of devices) one.realtime.close();
  }
  return { run, hold };
}

describe("a hub", () => {
  it(
    `shows every device the same through ${SCHEDULES} schedules of cuts, evictions, repeats and absences`,
    async () => {
      vi.spyOn(Math, "random").mockReturnValue(0.001);
      await holdSchedules({
        of: "hubs",
        schedule: fc.array(step, { minLength: 3, maxLength: 14 }),
        begin: newHub,
        isAlone: (act) => act.do === "evict",
      });
      vi.restoreAllMocks();
    },
    SCHEDULES_MS,
  );

  it("tells who was away too long nothing of what they missed, and that they missed it", async () => {
    const ada = person();
    const first = await ada.connect();
    first.send({ type: "subscribe", channel: "chat" });
    const at = (await first.until("subscribed")).at(-1);
    if (at?.type !== "subscribed") throw new Error("Not subscribed");
    const since = { epoch: at.epoch, offset: at.offset };
    const publish = (count: number) =>
      ada.hub().publish(Array.from({ length: count }, (_, n) => ({ channel: "chat", data: { n } })));
    const resume = async (position: { epoch: string; offset: number }) => {
      const again = await ada.connect();
      again.send({ type: "subscribe", channel: "chat", since: position });
      const answer = (await again.until("subscribed")).at(-1);
      const events = (await again.drain()).length;
      return { recovered: answer?.type === "subscribed" && answer.recovered, events };
    };
    await publish(WINDOW);
    const counted = await (async () => {
      const again = await ada.connect();
      again.send({ type: "subscribe", channel: "chat", since });
      const frames = await again.until("subscribed");
      for (let seen = 0; seen < WINDOW; seen++) frames.push(...(await again.until("event")));
      return frames.filter(({ type }) => type === "event").length;
    })();
    expect(counted).toBe(WINDOW);
    await publish(1);
    expect(await resume(since)).toEqual({ recovered: false, events: 0 });
    expect(await resume({ ...since, epoch: "another" })).toEqual({ recovered: false, events: 0 });
    expect(await resume({ ...since, offset: WINDOW + 2 })).toEqual({ recovered: false, events: 0 });
  });

  it("keeps and replays nothing that was superseded since, and loses no place by that", async () => {
    const ada = person();
    const first = await ada.connect();
    first.send({ type: "subscribe", channel: "chat" });
    const at = (await first.until("subscribed")).at(-1);
    if (at?.type !== "subscribed") throw new Error("Not subscribed");
    const say = (key: string, text: string | null, supersedes?: string) =>
      ada.hub().publish([{ channel: "chat", data: { text }, key, ...(supersedes && { supersedes }) }]);
    await say("a:m1@1", "secret");
    await say("a:m1@2", "secret, edited");
    await say("a:m10@3", "of another");
    await say("a:m1@4", null, "a:m1@");
    // Who was not reached the first time, or was and did not answer, is told again.
    await say("a:m1@4", null, "a:m1@");
    await say("a:m2@5", "last");
    const again = await ada.connect();
    again.send({ type: "subscribe", channel: "chat", since: { epoch: at.epoch, offset: at.offset } });
    const told: unknown[] = [];
    for (let n = 1; n <= 5; n++) told.push((await again.until("event")).at(-1));
    expect(told).toMatchObject(
      [null, null, "of another", null, "last"].map((text, n) => ({
        offset: at.offset + n + 1,
        data: { text },
      })),
    );
    const kept = await runInDurableObject(ada.hub(), (_, { storage }) =>
      JSON.stringify(storage.sql.exec("SELECT * FROM channel_log").toArray()),
    );
    expect(kept).not.toContain("secret");
  });

  it("tells its sockets when it wakes how far their channels are, in case that something was lost", async () => {
    const ada = person();
    const one = await ada.connect();
    await ada.hub().publish([{ channel: "inbox", data: { type: "unread", unread: 1 } }]);
    await one.event();
    await evictDurableObject(ada.hub());
    await ada.hub().roomsOf(ada.sessionId);
    expect((await one.until("position")).at(-1)).toMatchObject({ channel: "inbox", offset: 1 });
  });

  it("keeps nothing of a channel that nobody has come for in a day", async () => {
    const ada = person();
    const gone = await ada.connect();
    await ada.hub().publish([{ channel: "inbox", data: { type: "unread", unread: 1 } }]);
    gone.socket.close(1000);
    await gone.closed;
    const rows = () =>
      runInDurableObject(ada.hub(), (_, { storage }) =>
        storage.sql
          .exec("SELECT name FROM sqlite_master WHERE name LIKE 'channel%' AND type = 'table'")
          .toArray(),
      );
    expect(await runDurableObjectAlarm(ada.hub())).toBe(true);
    expect(await rows()).toHaveLength(2);
    await runInDurableObject(ada.hub(), (_, { storage }) => {
      storage.sql.exec("UPDATE channel_log SET at = at - ?", REALTIME.log.ageMs);
      storage.sql.exec("UPDATE device_left SET at = at - ?", REALTIME.log.ageMs);
    });
    expect(await runDurableObjectAlarm(ada.hub())).toBe(true);
    expect(await rows()).toEqual([]);
    expect(await runDurableObjectAlarm(ada.hub())).toBe(false);
  });
});

describe("a bad client", () => {
  it("that floods is refused, then closed, and nobody else notices", async () => {
    const ada = person();
    const [flooding, quiet] = [await ada.connect(), await ada.connect()];
    for (let frame = 0; frame < REALTIME.frames.burst * 5; frame++)
      flooding.send({ type: "unsubscribe", channel: "chat" });
    expect((await flooding.until("error")).at(-1)).toMatchObject({ code: "too_many_frames" });
    expect(await flooding.closed).toEqual({ code: 4102, reason: "too_many_frames" });
    await ada.hub().count({ unread: 3, asOf: "2100-01-01T00:00:00.000001Z" });
    expect(await quiet.event()).toEqual({ type: "unread", unread: 3 });
  });

  it("that does not say what it has received is closed, and nobody else notices", async () => {
    const ada = person();
    const [slow, quick] = [await ada.connect(), await ada.connect()];
    quick.socket.addEventListener("message", ({ data }) => {
      const frame: unknown = JSON.parse(String(data));
      if (typeof frame === "object" && frame !== null && "mark" in frame)
        quick.send({ type: "received", mark: frame.mark });
    });
    for (const one of [slow, quick]) {
      one.send({ type: "subscribe", channel: "chat" });
      await one.until("subscribed");
    }
    const large = "x".repeat(48 * 1024);
    const needed = Math.ceil(REALTIME.slowBytes / large.length) + 1;
    for (let n = 1; n <= needed; n++) {
      await ada.hub().publish([{ channel: "chat", data: { n, large } }]);
      await quick.until("event");
    }
    expect(await slow.closed).toEqual({ code: 4101, reason: "slow_consumer" });
    await ada.hub().publish([{ channel: "chat", data: { n: "last" } }]);
    expect((await quick.until("event")).at(-1)).toMatchObject({ data: { n: "last" } });
  });

  it("that has not been heard of for long is closed with the next event", async () => {
    const ada = person();
    const silent = await ada.connect();
    await runInDurableObject(ada.hub(), (_, state) => {
      for (const socket of state.getWebSockets())
        socket.serializeAttachment({
          ...Object(socket.deserializeAttachment()),
          connectedAt: new Date(Date.now() - REALTIME.silentMs - 1).toISOString(),
        });
    });
    await evictDurableObject(ada.hub());
    expect(await ada.hub().presence(ada.userId)).toMatchObject({ status: "offline" });
    await ada.hub().count({ unread: 3, asOf: "2100-01-01T00:00:00.000001Z" });
    expect(await silent.closed).toEqual({ code: 4103, reason: "no_heartbeat" });
  });

  it("may subscribe to what is the hub's, and no more", async () => {
    const ada = person();
    const { webSocket } = await upgrade(`?ticket=${(await ada.ticket()).ticket}`);
    if (webSocket === null) throw new Error("No socket");
    const eve = listen(webSocket);
    for (const channel of ["prices.XAU.USD", `inbox.${person().userId}`, "user"]) {
      eve.send({ type: "subscribe", channel });
      expect((await eve.until("error")).at(-1)).toMatchObject({ code: "unknown_channel", channel });
    }
  });
});
