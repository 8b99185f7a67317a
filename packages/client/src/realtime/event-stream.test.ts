import { createServer, type ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { fakeSockets } from "../../test/fake-sockets.ts";
import type { SingleFrame } from "./frames.ts";
import { Realtime } from "./realtime.ts";

/** A server of streams that the test plays, over real HTTP. */
async function streams() {
  const asked: { cursor: string | null; answer: ServerResponse }[] = [];
  const server = createServer(({ url = "" }, answer) => {
    answer.writeHead(200, { "content-type": "text/event-stream" });
    asked.push({ cursor: new URL(url, "http://souk.test").searchParams.get("lastEventId"), answer });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  const nth = (n: number) =>
    vi.waitFor(() => {
      const stream = asked[n];
      if (stream === undefined) throw new Error(`No stream ${n}`);
      return stream;
    });
  return {
    url: `http://127.0.0.1:${address.port}/events`,
    nth,
    asked,
    close: () => server.closeAllConnections(),
  };
}

const HELLO: SingleFrame = { type: "hello", userId: crypto.randomUUID(), at: "", heartbeatMs: 25_000 };
const subscribed = (offset: number, recovered: boolean): SingleFrame => ({
  type: "subscribed",
  channel: "chat",
  epoch: "e",
  offset,
  recovered,
});
const event = (offset: number): SingleFrame => ({
  type: "event",
  channel: "chat",
  epoch: "e",
  offset,
  data: offset,
});
const write = (answer: ServerResponse, ...frames: SingleFrame[]) =>
  frames.forEach((frame) => answer.write(`id: x\ndata: ${JSON.stringify(frame)}\n\n`));

let server: Awaited<ReturnType<typeof streams>>;
beforeEach(async () => {
  // Without waits between attempts.
  vi.spyOn(Math, "random").mockReturnValue(0);
  server = await streams();
});
afterEach(() => {
  server.close();
  vi.restoreAllMocks();
});

function start() {
  const sockets = fakeSockets();
  const seen: unknown[] = [];
  const recovered: boolean[] = [];
  const states: unknown[] = [];
  const realtime = new Realtime({
    url: "wss://souk.test/ws",
    streamUrl: server.url,
    ticket: async () => "ticket",
    open: sockets.open,
    onState: (...state) => states.push(state),
  });
  realtime.subscribe("chat", {
    onSubscribed: (state) => recovered.push(state.recovered),
    onEvent: (data) => seen.push(data),
  });
  /** The nth socket, from the beginning, fails before it says hello. */
  const block = async (n: number) => {
    await vi.waitFor(() => expect(sockets.opened).toHaveLength(n));
    sockets.last().cut();
  };
  return { ...sockets, realtime, seen, recovered, states, block };
}

it("goes on by a stream from where it was, once sockets seem to be blocked, and goes back to one", async () => {
  const client = start();
  await vi.waitFor(() => expect(client.opened).toHaveLength(1));
  client.last().welcome();
  client.last().tell(subscribed(0, false), event(1), event(2));
  client.last().cut();
  for (const n of [2, 3, 4]) await client.block(n);
  const first = await server.nth(0);
  expect(first.cursor).toBe("chat:e:2");
  write(first.answer, HELLO, subscribed(4, true));
  // What arrives in parts, twice or as a comment is the same to the app.
  const [third, last] = [event(3), event(4)].map((frame) => `data: ${JSON.stringify(frame)}\n\n`);
  first.answer.write(`:\n\n${third}${third}${last?.slice(0, 20)}`);
  await vi.waitFor(() => expect(client.seen).toEqual([1, 2, 3]));
  first.answer.write(last?.slice(20));
  await vi.waitFor(() => expect(client.seen).toEqual([1, 2, 3, 4]));
  first.answer.end();
  await client.block(5);
  const second = await server.nth(1);
  expect(second.cursor).toBe("chat:e:4");
  second.answer.destroy();
  await vi.waitFor(() => expect(client.opened).toHaveLength(6));
  client.last().welcome();
  expect(client.last().sent).toEqual([
    { type: "subscribe", channel: "chat", since: { epoch: "e", offset: 4 } },
  ]);
  client.realtime.close();
  expect(server.asked).toHaveLength(2);
});

it("asks again where something is missing in a stream, and ends when it says so", async () => {
  const client = start();
  for (const n of [1, 2, 3]) await client.block(n);
  const first = await server.nth(0);
  expect(first.cursor).toBe("");
  write(first.answer, HELLO, subscribed(7, false), event(9), event(10));
  await client.block(4);
  const second = await server.nth(1);
  expect(second.cursor).toBe("chat:e:7");
  write(second.answer, HELLO, subscribed(10, true), event(8), event(9), event(10));
  second.answer.write('event: close\ndata: {"code":4001,"reason":"session_ended"}\n\n');
  await vi.waitFor(() => expect(client.states.at(-1)).toEqual(["closed", "session_ended"]));
  expect(client.seen).toEqual([8, 9, 10]);
  expect(client.recovered).toEqual([false, true]);
});

it("is a socket again at once where another network may not block them", async () => {
  const wakes: (() => void)[] = [];
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { open, opened, last } = fakeSockets();
  const realtime = new Realtime({
    url: "wss://souk.test/ws",
    streamUrl: server.url,
    ticket: async () => "ticket",
    open,
    onWake: (tell) => {
      wakes.push(tell);
      return () => {};
    },
  });
  for (const n of [1, 2, 3]) {
    await vi.waitFor(() => expect(opened).toHaveLength(n));
    last().cut();
    wakes[0]?.();
  }
  await vi.waitFor(() => expect(opened).toHaveLength(4));
  expect(server.asked).toEqual([]);
  realtime.close();
});
