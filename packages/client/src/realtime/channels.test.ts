import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { fakeSockets } from "../../test/fake-sockets.ts";
import { ChannelState } from "./channel-state.ts";
import type { SingleFrame } from "./frames.ts";
import type { RealtimeOptions } from "./options.ts";
import { Realtime } from "./realtime.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const subscribed = (channel: string, offset = 0): SingleFrame => ({
  type: "subscribed",
  channel,
  epoch: "e",
  offset,
  recovered: false,
});
const event = (channel: string, offset: number, epoch = "e"): SingleFrame => ({
  type: "event",
  channel,
  epoch,
  offset,
  data: offset,
});

async function start(options: Partial<RealtimeOptions> = {}) {
  const sockets = fakeSockets();
  const states: unknown[][] = [];
  const realtime = new Realtime({
    url: "wss://souk.test/ws",
    ticket: async () => "ticket",
    open: sockets.open,
    onState: (...state) => states.push(state),
    ...options,
  });
  await vi.advanceTimersByTimeAsync(0);
  return { ...sockets, realtime, states };
}

it("a channel is followed and left over a connection that is open, and tells nothing after", async () => {
  const { realtime, last } = await start();
  last().welcome();
  const seen: unknown[] = [];
  const leave = realtime.subscribe("chat", { onEvent: (data) => seen.push(data) });
  expect(last().sent).toEqual([{ type: "subscribe", channel: "chat" }]);
  last().tell(subscribed("chat"), event("chat", 1), event("prices", 1));
  leave();
  leave();
  expect(last().sent.slice(1)).toEqual([{ type: "unsubscribe", channel: "chat" }]);
  last().tell(event("chat", 2));
  expect(seen).toEqual([1]);
});

it("what comes over a connection that was given up is not heard", async () => {
  const { realtime, opened, last } = await start();
  const seen: unknown[] = [];
  realtime.subscribe("chat", { onEvent: (data) => seen.push(data) });
  const first = last();
  first.welcome();
  first.tell(subscribed("chat"));
  // Silent between two beats: it is given up, and the next one opens.
  await vi.advanceTimersByTimeAsync(60_000);
  expect(opened.length).toBeGreaterThan(1);
  last().welcome();
  last().tell(subscribed("chat"));
  first.tell(event("chat", 1));
  expect(seen).toEqual([]);
  last().tell(event("chat", 1));
  expect(seen).toEqual([1]);
});

it("says how far it has read what the server marks, so that a slow one is known", async () => {
  const { last } = await start();
  last().welcome();
  last().tell({ type: "mark", mark: 7 });
  expect(last().sent).toEqual([{ type: "received", mark: 7 }]);
});

it("is over when no ticket will ever be given, and opens nothing when it was closed before one came", async () => {
  const gone = new Error("the session has ended");
  const over = await start({
    ticket: () => Promise.reject(gone),
    isFinal: (error) => error === gone,
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(over.states).toEqual([["connecting"], ["closed", gone]]);

  const ticket = Promise.withResolvers<string>();
  const closed = await start({ ticket: () => ticket.promise });
  closed.realtime.close();
  ticket.resolve("ticket");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(closed.opened).toEqual([]);
});

it("passes over what comes before the answer to a subscription, and asks again when the channel began anew", () => {
  const seen: unknown[] = [];
  const state = new ChannelState("chat", {
    onEvent: (data) => seen.push(data),
    onEphemeral: (data) => seen.push(data),
  });
  state.subscribe();
  const passing: SingleFrame = { type: "ephemeral", channel: "chat", data: "typing" };
  expect([state.take(event("chat", 1)), state.take(passing)]).toEqual([undefined, undefined]);
  state.take(subscribed("chat", 3));
  state.take(event("chat", 4));
  state.take(passing);
  expect(seen).toEqual([4, "typing"]);
  expect(state.take(event("chat", 5, "another"))).toEqual({
    type: "subscribe",
    channel: "chat",
    since: { epoch: "e", offset: 4 },
  });
  // What else comes of it waits for the answer.
  expect([state.take(event("chat", 6, "another")), state.take(passing)]).toEqual([undefined, undefined]);
  expect(seen).toEqual([4, "typing"]);
});

it("sends twenty frames at most that have no answer yet, and the next with each answer", async () => {
  const { realtime, last } = await start();
  last().welcome();
  const ids = Array.from({ length: 25 }, (_, n) => `f${n}`);
  const answers = ids.map((id) => realtime.send({ type: "read", seq: 1, id }));
  const idsSent = () => last().sent.map(({ id }) => id);
  expect(idsSent()).toEqual(ids.slice(0, 20));
  last().tell({ type: "ack", id: "f3", data: null });
  expect(idsSent()).toEqual(ids.slice(0, 21));
  last().tell(...ids.map((id): SingleFrame => ({ type: "ack", id, data: id })));
  await expect(Promise.all(answers)).resolves.toHaveLength(25);
  expect(idsSent()).toEqual(ids);
});

it("lets nothing overtake a frame that was too much", async () => {
  const { realtime, last } = await start();
  last().welcome();
  void realtime.send({ type: "read", seq: 1, id: "a" });
  last().tell({ type: "error", id: "a", code: "too_many_frames", message: "Slowly.", retryAfter: 2 });
  void realtime.send({ type: "read", seq: 2, id: "b" });
  const idsSent = () => last().sent.map(({ id }) => id);
  await vi.advanceTimersByTimeAsync(1900);
  expect(idsSent()).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(200);
  expect(idsSent()).toEqual(["a", "a", "b"]);
});

it("gives a quiet stream twice as long as a socket, which can be asked", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const hello: SingleFrame = { type: "hello", userId: crypto.randomUUID(), at: "", heartbeatMs: 25_000 };
  const fetch = vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(hello)}\n\n`)),
    });
    return new Response(body);
  });
  const { realtime, opened, last } = await start({ streamUrl: "https://souk.test/events" });
  for (let socket = 1; socket <= 3; socket++) {
    expect(opened).toHaveLength(socket);
    last().cut();
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(realtime.way).toBe("stream");
  await vi.advanceTimersByTimeAsync(99_000);
  expect([realtime.way, fetch.mock.calls.length]).toEqual(["stream", 1]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(opened).toHaveLength(4);
  realtime.close();
});
