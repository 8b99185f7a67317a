import { exports } from "cloudflare:workers";
import type { SingleFrame } from "@souk/kit/realtime/frames";
import { describe, expect, it } from "vitest";
import { readStream } from "../../../../test/read-stream.ts";
import { person, type TestPerson } from "../../test/person.ts";
import { ChatEvent } from "../realtime.ts";

/** Asks for a room's stream as the gateway would pass it on. */
const ask = (id: string, headers: Record<string, string> = {}, query = "") =>
  exports.default.fetch(`https://souk.test/api/v1/realtime/rooms/${id}/events${query}`, { headers });

/** Opens a room's stream up to where it follows the room. */
async function open(someone: TestPerson, id: string, cursor = "") {
  const answer = await ask(id, { ...someone.headers, "last-event-id": cursor });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  const stream = readStream(answer);
  return { ...stream, ...(await stream.until(({ type }) => type === "subscribed")) };
}
const textOf = (frame: SingleFrame): string | null | undefined => {
  const event = frame.type === "event" ? ChatEvent.parse(frame.data) : undefined;
  return event?.type === "message" ? event.message.text : undefined;
};
const says = (text: string) => (frame: SingleFrame) => textOf(frame) === text;

describe("the event stream of a room", () => {
  it("says hello, follows the room, and brings after a cut exactly what was missed", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.group([bob]);
    const stream = await open(bob, id);
    expect(stream.frames.map(({ type }) => type)).toEqual(["hello", "subscribed"]);
    expect(stream.frames.at(-1)).toMatchObject({ channel: `room.${id}`, recovered: false });
    for (const text of ["one", "two"]) await ada.send(id, text);
    const { id: cursor } = await stream.until(says("one"));
    await stream.cancel();
    await ada.send(id, "three");
    const again = await open(bob, id, cursor);
    expect(again.frames.at(-1)).toMatchObject({ recovered: true });
    const { frames } = await again.until(says("three"));
    expect(frames.map(textOf).filter((text) => text !== undefined)).toEqual(["two", "three"]);
    await again.cancel();
  });

  it("recovers nothing from a cursor of another room", async () => {
    const [ada, bob] = [person(), person()];
    const [one, other] = [await ada.group([bob]), await ada.group([bob])];
    const stream = await open(bob, one.id);
    await ada.send(one.id, "one");
    const { id: cursor } = await stream.until(says("one"));
    await stream.cancel();
    const elsewhere = await open(bob, other.id, cursor);
    expect(elsewhere.frames.at(-1)).toMatchObject({ channel: `room.${other.id}`, recovered: false });
    await elsewhere.cancel();
  });

  it("ends for who is removed, and says why", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.group([bob]);
    const stream = await open(bob, id);
    await ada.call("DELETE", `/conversations/${id}/members/${bob.userId}`);
    let last = await stream.next();
    while (last !== undefined && last.event !== "close") last = await stream.next();
    expect(last?.data).toEqual({ code: 4003, reason: "not_allowed" });
    expect(await stream.next()).toBeUndefined();
    expect((await ask(id, bob.headers)).status).toBe(404);
  });

  it("opens to members with a token or a ticket alone, and for pages of our own", async () => {
    const [ada, eve] = [person(), person()];
    const { id } = await ada.group([]);
    expect((await ask(id, eve.headers)).status).toBe(404);
    expect((await ask(id)).status).toBe(401);
    expect((await ask(id, {}, "?ticket=nonsense")).status).toBe(401);
    expect((await ask(id, { ...ada.headers, origin: "https://evil.example" })).status).toBe(403);
    expect((await ask("nonsense", ada.headers)).status).toBe(400);
  });
});
