import { connectRealtime, createSouk } from "@souk/client";
import { ServerFrame } from "@souk/kit/realtime/frames";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { layLine } from "./clients/line.ts";
import { eventually, request } from "./http.ts";
import { newPerson, type Person } from "./person.ts";
import { testPlatform } from "./platform.ts";

const Id = z.object({ id: z.uuid() });
const Ticket = z.object({ ticket: z.string() });
const Told = z.looseObject({
  type: z.string(),
  message: z.looseObject({ seq: z.int(), text: z.string().nullable() }).optional(),
});
const Listed = z.object({ items: z.array(z.looseObject({ id: z.uuid(), unread: z.int() })) });
const Watched = z.object({ items: z.array(z.object({ status: z.string() })) });
const Inbox = z.object({ items: z.array(z.looseObject({ type: z.string() })) });

const single = (frame: ServerFrame): ServerFrame[] => (frame.type === "batch" ? frame.frames : [frame]);

/** An open socket and the frames that came over it. */
async function open(path: string, person: Person) {
  const { url } = await testPlatform();
  const { json } = await request("POST", "/api/v1/realtime/tickets", { token: person.accessToken });
  const { ticket } = Ticket.parse(json);
  const socket = new WebSocket(`${url.replace("http", "ws")}${path}?ticket=${encodeURIComponent(ticket)}`);
  const frames: ServerFrame[] = [];
  let closed: number | undefined;
  socket.addEventListener("close", ({ code }) => (closed = code));
  socket.addEventListener("message", ({ data }) =>
    frames.push(...single(ServerFrame.parse(JSON.parse(String(data))))),
  );
  await eventually("hello", async () => frames.find(({ type }) => type === "hello"));
  const subscribe = async (channel: string) => {
    socket.send(JSON.stringify({ type: "subscribe", channel }));
    await eventually("subscribed", async () => frames.find(({ type }) => type === "subscribed"));
  };
  const told = () =>
    frames.flatMap((frame) =>
      frame.type === "event" || frame.type === "ephemeral" ? [Told.parse(frame.data)] : [],
    );
  return { socket, frames, subscribe, told, closed: () => closed };
}

let [ada, bob, eve]: Person[] = [];
const as = (person: Person | undefined) => {
  if (person === undefined) throw new Error("There is nobody");
  const call = (method: string, path: string, body?: unknown) =>
    request(method, `/api/v1${path}`, {
      token: person.accessToken,
      ...(body !== undefined && { body }),
    });
  return { person, call };
};

beforeAll(async () => {
  [ada, bob, eve] = [await newPerson(), await newPerson(), await newPerson()];
  // Each has a profile, however late their registration is told of.
  for (const someone of [ada, bob, eve]) await as(someone).call("GET", "/users/me");
});

it("two people write to each other: on the socket, in the list, unread until read", async () => {
  const [a, b] = [as(ada), as(bob)];
  const hub = await open("/ws", b.person);
  await hub.subscribe("chat");
  const begun = await a.call("POST", "/conversations", { kind: "direct", peerId: b.person.id });
  expect(begun.status).toBe(201);
  const { id } = Id.parse(begun.json);
  const sent = await a.call("POST", `/conversations/${id}/messages`, {
    clientMessageId: "1",
    text: "Is the ring still there?",
  });
  expect(sent.status).toBe(201);
  await eventually("the message on the socket", async () =>
    hub.told().find(({ message }) => message?.text === "Is the ring still there?"),
  );
  await eventually("the list", async () => {
    const { items } = Listed.parse((await b.call("GET", "/conversations")).json);
    return items.find((item) => item.id === id && item.unread === 1);
  });
  expect((await b.call("PUT", `/conversations/${id}/read`, { seq: 1 })).json).toMatchObject({ unread: 0 });
  await eventually("the own cursor on the other device", async () =>
    hub.told().find((event) => event.type === "me" && event["unread"] === 0),
  );
  await eventually("the list without anything unread", async () => {
    const { items } = Listed.parse((await b.call("GET", "/conversations")).json);
    return items.find((item) => item.id === id && item.unread === 0);
  });
  expect((await as(eve).call("GET", `/conversations/${id}/messages`)).status).toBe(404);
  // Bob has a device connected, Ada has none: she is told besides.
  await b.call("POST", `/conversations/${id}/messages`, { clientMessageId: "1", text: "Yes." });
  await eventually("the notification of who has no device", async () => {
    const { items } = Inbox.parse((await a.call("GET", "/notifications")).json);
    return items.find(({ type }) => type === "message.unread");
  });
  const inbox = Inbox.parse((await b.call("GET", "/notifications")).json);
  expect(inbox.items.filter(({ type }) => type === "message.unread")).toEqual([]);
  hub.socket.close();
});

it("a block ends what two people can write to each other", async () => {
  const [a, b] = [as(ada), as(eve)];
  const { id } = Id.parse(
    (await a.call("POST", "/conversations", { kind: "direct", peerId: b.person.id })).json,
  );
  let count = 0;
  const send = async () =>
    (await a.call("POST", `/conversations/${id}/messages`, { clientMessageId: `${++count}`, text: "Hello" }))
      .status;
  expect(await send()).toBe(201);
  await b.call("POST", `/users/me/blocks/${a.person.id}`);
  await eventually("the refusal", async () => ((await send()) === 403 ? true : undefined));
  expect((await a.call("POST", "/conversations", { kind: "direct", peerId: b.person.id })).status).toBe(404);
  await b.call("DELETE", `/users/me/blocks/${a.person.id}`);
  await eventually("the way back", async () => ((await send()) === 201 ? true : undefined));
});

it("presence is pushed to who may see it, until they may not", async () => {
  const [a, b] = [as(ada), as(bob)];
  const watched = async () =>
    Watched.parse((await a.call("PUT", "/presence/watch", { userIds: [b.person.id] })).json).items;
  expect(await watched()).toEqual([]);
  await b.call("PUT", "/users/me/privacy", { activityVisibility: "user" });
  const hub = await open("/ws", a.person);
  await hub.subscribe("presence");
  const told = (status: string) =>
    eventually(status, async () => hub.told().find((event) => event["status"] === status));
  // Whom an earlier test's device has just left is offline soon.
  await eventually("offline", async () => (await watched()).find(({ status }) => status === "offline"));
  const phone = await open("/ws", b.person);
  await told("online");
  phone.socket.send('{"type":"activity","id":"1","idle":true}');
  await told("away");
  await b.call("PUT", "/users/me/privacy", { activityVisibility: "nobody" });
  await eventually("the privacy", async () => ((await watched()).length === 0 ? true : undefined));
  hub.socket.close();
  phone.socket.close();
});

it("a room is spoken in by frames, and closes when the session ends", async () => {
  const [a, b] = [as(ada), as(bob)];
  const { id } = Id.parse(
    (await a.call("POST", "/conversations", { kind: "group", title: "Gold", userIds: [b.person.id] })).json,
  );
  const [mine, theirs] = [await open(`/ws/rooms/${id}`, a.person), await open(`/ws/rooms/${id}`, b.person)];
  await mine.subscribe(`room.${id}`);
  await theirs.subscribe(`room.${id}`);
  const message = { clientMessageId: "1", text: "Good morning" };
  mine.socket.send(JSON.stringify({ type: "message.send", id: "f1", message }));
  await eventually("the acknowledgement", async () =>
    mine.frames.find((frame) => frame.type === "ack" && frame.id === "f1"),
  );
  await eventually("the message with the other", async () =>
    theirs.told().find((event) => event.message?.text === "Good morning"),
  );
  await b.call("DELETE", `/conversations/${id}/members/${b.person.id}`);
  await eventually("the close for who left", async () => (theirs.closed() === 4003 ? true : undefined));
  await request("POST", "/api/v1/auth/logout", { token: a.person.accessToken });
  await eventually("the close for whose session ended", async () =>
    mine.closed() === 4001 ? true : undefined,
  );
});

it("a room goes on by server-sent events where WebSockets are blocked, cut off and resumed without a gap", async () => {
  const { url } = await testPlatform();
  const line = await layLine(new URL(url));
  const baseUrl = `http://127.0.0.1:${line.port}`;
  const [a, reader] = [as(bob), await newPerson()];
  await as(reader).call("GET", "/users/me");
  const group = { kind: "group", title: "Gold", userIds: [reader.id] };
  const { id } = Id.parse((await a.call("POST", "/conversations", group)).json);
  const room = connectRealtime(createSouk({ baseUrl, tokens: reader }), { baseUrl, path: `/ws/rooms/${id}` });
  const texts: unknown[] = [];
  const recovered: boolean[] = [];
  room.subscribe(`room.${id}`, {
    onSubscribed: (state) => recovered.push(state.recovered),
    onEvent: (data) => {
      const { message } = Told.parse(data);
      if (message !== undefined) texts.push(message.text);
    },
  });
  let sent = 0;
  const send = async () => {
    const clientMessageId = `${++sent}`;
    const { status } = await a.call("POST", `/conversations/${id}/messages`, {
      clientMessageId,
      text: clientMessageId,
    });
    expect(status).toBe(201);
  };
  const all = () =>
    eventually(`${sent} messages`, async () => (texts.length >= sent ? true : undefined)).then(() =>
      expect(texts).toEqual(Array.from({ length: sent }, (_, n) => `${n + 1}`)),
    );
  await eventually("a subscription", async () => recovered[0] !== undefined || undefined);
  await send();
  await all();
  expect(room.way).toBe("socket");
  line.blockWebSockets();
  for (let cut = 1; cut <= 3; cut++) {
    line.cut();
    await send();
    line.mend();
    await send();
    await all();
    await eventually("the stream", async () => room.way === "stream" || undefined);
    await send();
    await all();
  }
  expect(recovered.slice(1)).not.toContain(false);
  room.close();
  line.close();
}, 120_000);
