import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeSockets } from "../../test/fake-sockets.ts";
import type { RealtimeState } from "./options.ts";
import { Realtime } from "./realtime.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A client whose sockets, tickets and wakes the test plays. */
async function start(ticket: () => Promise<string> = async () => "ticket") {
  const sockets = fakeSockets();
  const states: RealtimeState[] = [];
  let wake = () => {};
  let asleep = false;
  const realtime = new Realtime({
    url: "wss://souk.test/ws",
    ticket,
    open: sockets.open,
    onState: (state) => states.push(state),
    onWake: (tell) => {
      wake = tell;
      return () => (asleep = true);
    },
  });
  await vi.advanceTimersByTimeAsync(0);
  return { ...sockets, realtime, states, wake: () => wake(), asleep: () => asleep };
}

/** How long the client waits before its next attempt. */
async function waitOf({ opened }: Awaited<ReturnType<typeof start>>): Promise<number> {
  const before = opened.length;
  const begun = Date.now();
  while (opened.length === before) await vi.advanceTimersByTimeAsync(50);
  return Date.now() - begun;
}

describe("a lost connection", () => {
  it("is tried again after a wait that doubles up to half a minute, and is drawn by chance below that", async () => {
    const random = vi.spyOn(Math, "random").mockReturnValue(1);
    const client = await start();
    const waits: number[] = [];
    for (let n = 0; n < 9; n++) {
      client.last().cut();
      waits.push(await waitOf(client));
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    random.mockReturnValue(0.5);
    client.last().cut();
    expect(await waitOf(client)).toBe(15_000);
    client.last().welcome();
    client.last().cut();
    expect(await waitOf(client)).toBe(250);
  });

  it("is tried at once when the device wakes, and the waits begin anew", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const client = await start();
    for (let n = 0; n < 6; n++) {
      client.last().cut();
      await waitOf(client);
    }
    client.last().cut();
    const before = client.opened.length;
    client.wake();
    client.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.opened.length - before).toBe(1);
    client.last().cut();
    expect(await waitOf(client)).toBe(500);
  });

  it("is noticed soon when the device wakes, though it seems to be open", async () => {
    const client = await start();
    client.last().welcome();
    const first = client.last();
    client.wake();
    expect(first.sent).toContainEqual({ type: "ping" });
    first.tell({ type: "pong" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.opened).toHaveLength(1);
    client.wake();
    await vi.advanceTimersByTimeAsync(5_600);
    expect(first.closed).toBe(true);
    expect(client.opened).toHaveLength(2);
  });

  it("is noticed when nothing was heard between two beats, and when there is no hello", async () => {
    const client = await start();
    const [hushed] = client.opened;
    await vi.advanceTimersByTimeAsync(10_600);
    expect(hushed?.closed).toBe(true);
    expect(client.opened).toHaveLength(2);
    client.last().welcome();
    await vi.advanceTimersByTimeAsync(25_000);
    client.last().tell({ type: "pong" });
    await vi.advanceTimersByTimeAsync(25_000);
    expect(client.opened).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(25_600);
    expect(client.opened).toHaveLength(3);
  });

  it("stays lost when the server says so or the app has closed it, whatever wakes", async () => {
    for (const end of ["server", "app"] as const) {
      const client = await start();
      client.last().welcome();
      if (end === "server") client.last().cut(4001);
      else client.realtime.close();
      client.wake();
      await vi.advanceTimersByTimeAsync(60_000);
      expect([client.states.at(-1), client.opened.length, client.asleep()]).toEqual(["closed", 1, true]);
    }
  });

  it("stays lost when it was closed while it waited for a ticket", async () => {
    let refuse = () => {};
    const ticket = vi.fn(() => new Promise<string>((_, reject) => (refuse = () => reject(new Error("no")))));
    const client = await start(ticket);
    client.realtime.close();
    refuse();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ticket).toHaveBeenCalledTimes(1);
    expect(client.states).toEqual(["connecting", "closed"]);
  });
});

describe("what is sent", () => {
  const idsOf = ({ sent }: { sent: Record<string, unknown>[] }) => sent.map(({ id }) => id);

  it("waits for a connection, goes in order, and again until it is answered", async () => {
    const client = await start();
    const answers = ["a", "b", "c"].map((id) => client.realtime.send({ type: "read", seq: 1, id }));
    expect(client.last().sent).toEqual([]);
    client.last().welcome();
    expect(idsOf(client.last())).toEqual(["a", "b", "c"]);
    client.last().tell({ type: "ack", id: "a", data: 1 });
    client.last().cut();
    const late = client.realtime.send({ type: "read", seq: 1, id: "d" });
    await vi.advanceTimersByTimeAsync(500);
    client.last().welcome();
    expect(idsOf(client.last())).toEqual(["b", "c", "d"]);
    client
      .last()
      .tell(
        { type: "ack", id: "b", data: 2 },
        { type: "ack", id: "b", data: 2 },
        { type: "error", id: "c", code: "not_allowed", message: "No." },
        { type: "ack", id: "d", data: 4 },
      );
    await expect(answers[0]).resolves.toBe(1);
    await expect(answers[1]).resolves.toBe(2);
    await expect(answers[2]).rejects.toMatchObject({ name: "RealtimeError", code: "not_allowed" });
    await expect(late).resolves.toBe(4);
    client.last().cut();
    await vi.advanceTimersByTimeAsync(1000);
    client.last().welcome();
    expect(idsOf(client.last())).toEqual([]);
  });

  it("tells what has no answer to a socket that is open, and waits for nothing", async () => {
    const client = await start();
    client.realtime.tell({ type: "typing" });
    client.last().welcome();
    client.realtime.tell({ type: "typing" });
    client.last().cut();
    client.realtime.tell({ type: "typing" });
    const [first] = client.opened;
    await vi.advanceTimersByTimeAsync(1000);
    client.last().welcome();
    expect(first?.sent).toEqual([{ type: "typing" }]);
    expect(client.last().sent).toEqual([]);
  });

  it("waits up to a bound, and no more when all is over", async () => {
    const client = await start();
    const waiting = Array.from({ length: 1000 }, () => client.realtime.send({ type: "read", seq: 1 }));
    await expect(client.realtime.send({ type: "read", seq: 1 })).rejects.toMatchObject({
      code: "queue_full",
    });
    client.realtime.close();
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.every((outcome) => outcome.status === "rejected")).toBe(true);
  });

  it("waits as long as the server asks when it was too much", async () => {
    const client = await start();
    client.last().welcome();
    void client.realtime.send({ type: "read", seq: 1, id: "a" });
    client
      .last()
      .tell({ type: "error", id: "a", code: "too_many_frames", message: "Slowly.", retryAfter: 2 });
    await vi.advanceTimersByTimeAsync(1900);
    expect(idsOf(client.last())).toEqual(["a"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(idsOf(client.last())).toEqual(["a", "a"]);
  });
});
