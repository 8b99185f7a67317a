import { exports } from "cloudflare:workers";
import { ServerFrame } from "@souk/kit/realtime/frames";
import type { TestPerson } from "./person.ts";

/** Asks for the socket of a room as the gateway would pass it on. */
export const upgrade = (id: string, headers: Record<string, string>, query = "") =>
  exports.default.fetch(`https://souk.test/ws/rooms/${id}${query}`, {
    headers: { upgrade: "websocket", ...headers },
  });

/** A person's socket of a room, subscribed, with the frames that came. */
export async function enter(someone: TestPerson, id: string) {
  const { webSocket, status } = await upgrade(id, someone.headers);
  if (webSocket === null) throw new Error(`No socket: ${status}`);
  const frames: ServerFrame[] = [];
  const waiting: { is: (frame: ServerFrame) => boolean; found: (frame: ServerFrame) => void }[] = [];
  webSocket.addEventListener("message", ({ data }) => {
    const frame = ServerFrame.parse(JSON.parse(String(data)));
    for (const one of frame.type === "batch" ? frame.frames : [frame]) {
      frames.push(one);
      for (const { is, found } of waiting) if (is(one)) found(one);
    }
  });
  const closed = new Promise<number>((resolve) => {
    webSocket.addEventListener("close", ({ code }) => resolve(code));
  });
  webSocket.accept();
  /** The first frame of the kind, which came or will. */
  const first = (is: (frame: ServerFrame) => boolean): Promise<ServerFrame> => {
    const known = frames.find(is);
    return known === undefined ? new Promise((found) => waiting.push({ is, found })) : Promise.resolve(known);
  };
  const say = (frame: object): void => webSocket.send(JSON.stringify(frame));
  say({ type: "subscribe", channel: `room.${id}` });
  await first(({ type }) => type === "subscribed");
  return { frames, first, say, closed, socket: webSocket, close: () => webSocket.close(1000) };
}
