import { exports } from "cloudflare:workers";
import { ServerFrame } from "@souk/kit/realtime/frames";
import { answerOf } from "../src/conversation/outcome.ts";
import { OWN_ROOM_MEMBERS } from "../src/limits.ts";
import { objectOf, person, type TestPerson } from "./person.ts";

/** A group whose room is in shards: with so many more members that its object does not hold it. */
export async function largeGroup(owner: TestPerson, others: TestPerson[]): Promise<{ id: string }> {
  const id = crypto.randomUUID();
  const crowd = Array.from({ length: OWN_ROOM_MEMBERS }, () => person());
  const members = [owner, ...others, ...crowd].map(({ userId }, n) => ({
    userId,
    role: n === 0 ? ("owner" as const) : ("member" as const),
    status: "active" as const,
  }));
  answerOf(
    await objectOf(id).create(
      { userId: owner.userId, at: new Date().toISOString() },
      { id, kind: "group", title: "Gold", object: null, history: "since_joining", members, eventIds: [] },
    ),
  );
  return { id };
}

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
