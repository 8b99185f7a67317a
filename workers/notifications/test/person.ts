import { env, exports } from "cloudflare:workers";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { parseEnv } from "@souk/kit/config";
import { uuidv7 } from "@souk/kit/ids";
import { Env } from "../src/env.ts";
import { NotificationPage, ServerFrame, Ticket } from "../src/schemas.ts";

/** A client's end of a WebSocket: frames in order, each parsed by the schema that clients are given. */
export function listen(socket: WebSocket) {
  const frames: ServerFrame[] = [];
  let wake = () => {};
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
  socket.addEventListener("message", ({ data }) => {
    frames.push(ServerFrame.parse(JSON.parse(String(data))));
    wake();
  });
  socket.accept();
  const next = async (): Promise<ServerFrame> => {
    for (;;) {
      const frame = frames.shift();
      if (frame !== undefined) return frame;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  /** All frames that came before the answer to a ping. */
  const drain = async (): Promise<ServerFrame[]> => {
    socket.send('{"type":"ping"}');
    const before: ServerFrame[] = [];
    for (let frame = await next(); frame.type !== "pong"; frame = await next()) before.push(frame);
    return before;
  };
  return { socket, closed, next, drain };
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
    return { ...device, greeting: [await device.next(), await device.next()] };
  };
  const hub = () => parseEnv(Env, env).USER_HUB.getByName(userId);
  return { userId, sessionId, call, list, ticket, connect, hub };
}

/** Asks for `/ws` as the gateway would pass it on. */
export const upgrade = (query: string, headers: Record<string, string> = {}) =>
  exports.default.fetch(`https://souk.test/ws${query}`, { headers: { upgrade: "websocket", ...headers } });
