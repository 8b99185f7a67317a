import { connectRealtime, createSouk } from "@souk/client";
import { expect, it } from "vitest";
import { WebSocket as RawSocket } from "ws";
import { z } from "zod";
import { eventually, request } from "./http.ts";
import { newPerson } from "./person.ts";
import { testPlatform } from "./platform.ts";

const Ticket = z.object({ ticket: z.string() });
const ticketOf = async (token: string) =>
  Ticket.parse((await request("POST", "/api/v1/realtime/tickets", { token })).json).ticket;

/** Something that the person's other devices are told. */
const happen = async (token: string) => {
  const { status } = await request("PUT", "/api/v1/notifications/read-all", { token });
  expect(status).toBe(200);
};

it("the published client gets what it missed while it was cut off, and stays away when the session has ended", async () => {
  const { url, harness } = await testPlatform();
  const ada = await newPerson();
  const souk = createSouk({ baseUrl: url, tokens: ada });
  const offsets: number[] = [];
  const recovered: boolean[] = [];
  const states: string[] = [];
  const realtime = connectRealtime(souk, { baseUrl: url, onState: (state) => states.push(state) });
  realtime.subscribe("inbox", {
    onSubscribed: (state) => recovered.push(state.recovered),
    onEvent: (_, { offset }) => offsets.push(offset),
  });
  await eventually("a subscription", async () => recovered[0] !== undefined || undefined);
  const start = offsets.at(-1) ?? 0;
  await happen(ada.accessToken);
  await eventually("the first event", async () => offsets.length > start || undefined);
  await harness
    .getWorker("notifications")
    .evictDurableObject("UserHub", { name: ada.id, webSockets: "close" });
  await happen(ada.accessToken);
  await happen(ada.accessToken);
  await eventually("what was missed", async () => offsets.length >= 3 || undefined);
  expect(offsets).toEqual(offsets.map((_, n) => (offsets[0] ?? 0) + n));
  expect(recovered).toEqual([false, true]);
  await request("POST", "/api/v1/auth/logout", { token: ada.accessToken });
  await eventually("the end", async () => states.at(-1) === "closed" || undefined);
  expect(states).toEqual(["connecting", "open", "waiting", "connecting", "open", "closed"]);
});

it("server-sent events pass the gateway as they arise", async () => {
  const { url } = await testPlatform();
  const ada = await newPerson();
  const abort = new AbortController();
  const answer = await fetch(`${url}/api/v1/realtime/events?ticket=${await ticketOf(ada.accessToken)}`, {
    signal: abort.signal,
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  let text = "";
  const reading = (async () => {
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
  })().catch(() => {});
  const lines = (pattern: RegExp) => eventually(String(pattern), async () => pattern.exec(text)?.[0]);
  await lines(/"type":"subscribed","channel":"chat"/);
  await happen(ada.accessToken);
  await lines(/id: [^\n]*inbox:\w+:1[^\n]*\ndata: [^\n]*"type":"unread"/);
  abort.abort();
  await reading;
});

it("a client that sends what is no text is told or closed, and nobody else notices", async () => {
  const { url } = await testPlatform();
  const ada = await newPerson();
  const open = async () => {
    const frames: string[] = [];
    const socket = new RawSocket(`${url.replace("http", "ws")}/ws?ticket=${await ticketOf(ada.accessToken)}`);
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    socket.on("message", (data: Buffer) => frames.push(data.toString()));
    socket.on("error", () => {});
    const told = (pattern: RegExp) =>
      eventually(String(pattern), async () => frames.find((frame) => pattern.test(frame)));
    await told(/hello/);
    return { socket, closed, told };
  };
  const [bad, good] = [await open(), await open()];
  good.socket.send('{"type":"subscribe","channel":"inbox"}');
  await good.told(/subscribed/);
  bad.socket.send(Buffer.from([0x00, 0xff]), { binary: true });
  await bad.told(/malformed_frame/);
  bad.socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false });
  const outcome = await Promise.race([bad.closed, bad.told(/unknown_frame/).then(() => "refused" as const)]);
  expect([1006, 1007, "refused"]).toContain(outcome);
  await happen(ada.accessToken);
  await good.told(/"type":"unread"/);
  good.socket.close();
  bad.socket.close();
});

it("whoever follows a pair gets its price when they subscribe, and each change", async () => {
  const { url, harness, prices } = await testPlatform();
  const ada = await newPerson();
  const change = () => {
    if (prices.tick() === undefined) throw new Error("The price series has ended");
    return harness
      .getWorker("alerts")
      .scheduled({ cron: "*/5 * * * *", scheduledTime: new Date(prices.state().at) });
  };
  await change();
  const souk = createSouk({ baseUrl: url, tokens: ada });
  const Price = z.object({ price: z.string(), quotedAt: z.string() });
  const told: z.infer<typeof Price>[] = [];
  const realtime = connectRealtime(souk, { baseUrl: url, path: "/ws/rooms/prices/XAU.USD" });
  realtime.subscribe("prices.XAU.USD", {
    onSubscribed: ({ latest }) => told.push(Price.parse(latest)),
    onEvent: (data) => told.push(Price.parse(data)),
  });
  const before = await eventually("the newest price", async () => told[0]);
  await change();
  await eventually("a newer one", async () =>
    told.find(({ quotedAt }) => Date.parse(quotedAt) > Date.parse(before.quotedAt)),
  );
  realtime.close();
});
