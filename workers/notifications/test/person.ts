import { env, exports } from "cloudflare:workers";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { parseEnv } from "@souk/kit/config";
import { uuidv7 } from "@souk/kit/ids";
import { ServerFrame, type SingleFrame } from "@souk/kit/realtime/frames";
import { Env } from "../src/env.ts";
import { InboxEvent, NotificationPage, Ticket } from "../src/schemas.ts";

/** A client's end of a WebSocket: frames in order, each parsed by the schema that clients are given; a batch as what is in it. */
export function listen(socket: WebSocket) {
  const frames: SingleFrame[] = [];
  let wake = () => {};
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
  socket.addEventListener("message", ({ data }) => {
    const frame = ServerFrame.parse(JSON.parse(String(data)));
    frames.push(...(frame.type === "batch" ? frame.frames : [frame]));
    wake();
  });
  socket.accept();
  const send = (frame: unknown) => socket.send(JSON.stringify(frame));
  const next = async (): Promise<SingleFrame> => {
    for (;;) {
      const frame = frames.shift();
      if (frame !== undefined) return frame;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  /** All frames up to the first of a type. */
  const until = async (type: SingleFrame["type"]): Promise<SingleFrame[]> => {
    const before: SingleFrame[] = [];
    for (let frame = await next(); ; frame = await next()) {
      before.push(frame);
      if (frame.type === type) return before;
    }
  };
  /** What the events say that had been sent by now: a subscription is answered after all that waits. */
  const drain = async (): Promise<InboxEvent[]> => {
    send({ type: "subscribe", channel: "inbox" });
    return (await until("subscribed")).flatMap((frame) =>
      frame.type === "event" ? [InboxEvent.parse(frame.data)] : [],
    );
  };
  /** What the next event says. */
  const event = async (): Promise<InboxEvent> => {
    const frame = (await until("event")).at(-1);
    return InboxEvent.parse(frame?.type === "event" && frame.data);
  };
  return { socket, closed, send, next, until, drain, event };
}

/** One person's requests and sockets. */
export function person(userId: string = uuidv7(new Date())) {
  const sessionId = uuidv7(new Date());
  const actor = {
    [ACTOR_HEADER]: encodeActor({ userId, email: "ada@example.com", role: "user", sessionId }),
  };
  const call = (method: string, path: string, body?: unknown) =>
    exports.default.fetch(`https://souk.test/api/v1${path}`, {
      method,
      headers: { ...actor, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const list = async (query = "") =>
    NotificationPage.parse(await (await call("GET", `/notifications${query}`)).json());
  const ticket = async () => Ticket.parse(await (await call("POST", "/realtime/tickets")).json());
  const connect = async () => {
    const { status, webSocket } = await upgrade("", actor);
    if (status !== 101 || webSocket === null) throw new Error(`No socket: ${status}`);
    const device = listen(webSocket);
    const hello = await device.next();
    device.send({ type: "subscribe", channel: "inbox" });
    await device.until("subscribed");
    return { ...device, hello };
  };
  const hub = () => parseEnv(Env, env).USER_HUB.getByName(userId);
  return { userId, sessionId, call, list, ticket, connect, hub };
}

/** Asks for `/ws` as the gateway would pass it on. */
export const upgrade = (query: string, headers: Record<string, string> = {}) =>
  exports.default.fetch(`https://souk.test/ws${query}`, { headers: { upgrade: "websocket", ...headers } });
