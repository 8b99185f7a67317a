import { CLOSE } from "@souk/kit/realtime/close-codes";
import { REALTIME } from "@souk/kit/realtime/limits";
import { env } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import { describe, expect, it } from "vitest";
import { Env } from "../env.ts";
import { MAX_TEXT_BYTES, MESSAGE_BURST } from "../limits.ts";
import { person } from "../../test/person.ts";
import { enter, largeGroup } from "../../test/room.ts";

type Socket = Awaited<ReturnType<typeof enter>>;

/** A room with a bad client and a good one. */
async function room(groupOf: typeof largeGroup = (owner, others) => owner.group(others)) {
  const [eve, bob] = [person(), person()];
  const { id } = await groupOf(eve, [bob]);
  const [bad, good] = [await enter(eve, id), await enter(bob, id)];
  /** The good one is still told of everything, and of nothing else. */
  const holdGood = async () => {
    await bob.send(id, "All is well");
    await good.first((frame) => frame.type === "event" && JSON.stringify(frame.data).includes("All is well"));
    expect(good.frames.filter(({ type }) => type === "error")).toEqual([]);
    expect(good.socket.readyState).toBe(WebSocket.OPEN);
  };
  return { id, eve, bad, good, holdGood };
}
const message = (text: string) =>
  JSON.stringify({ type: "message.send", id: "f", message: { clientMessageId: "m", text } });
const bytes = (...values: number[]) => new Uint8Array(values).buffer;
const large = "x".repeat(REALTIME.frameBytes + 1);

const REFUSED: [string, (id: string) => string | ArrayBuffer, string, string?][] = [
  ["what is no JSON", () => "{", "malformed_frame"],
  ["nothing", () => "", "malformed_frame"],
  ["binary", () => bytes(0x7b, 0x7d), "malformed_frame"],
  ["binary that is no UTF-8", () => bytes(0xff, 0xfe), "malformed_frame"],
  ["JSON that is no frame", () => "[]", "unknown_frame"],
  ["an unknown frame", () => '{"type":"message.destroy","id":"f"}', "unknown_frame", "f"],
  ["a frame of the server's", () => '{"type":"event","channel":"chat"}', "unknown_frame"],
  ["fields of another kind", () => '{"type":"read","id":"f","seq":"1"}', "invalid_frame", "f"],
  ["a frame without its id", () => '{"type":"read","seq":1}', "invalid_frame"],
  ["text that is no Unicode", () => message("\ud800"), "invalid_frame", "f"],
  ["text with a NUL", () => message("\0"), "invalid_frame", "f"],
  ["a message that is too long", () => message("é".repeat(MAX_TEXT_BYTES / 2 + 1)), "invalid_frame", "f"],
  ["a channel that is none", () => '{"type":"subscribe","channel":"../inbox"}', "invalid_frame"],
  [
    "another conversation's channel",
    () => `{"type":"subscribe","channel":"room.${crypto.randomUUID()}"}`,
    "unknown_channel",
  ],
  [
    "a place that is not there yet",
    (id) => `{"type":"subscribe","channel":"room.${id}","since":{"epoch":"x","offset":-1}}`,
    "invalid_frame",
  ],
];

describe("a client of a room that sends", () => {
  it.each(REFUSED)("%s is told so, goes on, and nobody else notices", async (_, frame, code, frameId) => {
    const { id, bad, holdGood } = await room();
    bad.socket.send(frame(id));
    const error = await bad.first(({ type }) => type === "error");
    expect(error).toMatchObject({ code, ...(frameId !== undefined && { id: frameId }) });
    await holdGood();
    bad.say({ type: "read", id: "after", seq: 1 });
    expect(await bad.first(({ type }) => type === "ack")).toMatchObject({ id: "after" });
  });

  const CLOSED: [string, (bad: Socket) => void, number][] = [
    ["too large a frame", ({ socket }) => socket.send(large), CLOSE.tooLarge.code],
    [
      "too large a binary frame",
      ({ socket }) => socket.send(new ArrayBuffer(large.length)),
      CLOSE.tooLarge.code,
    ],
    [
      "a flood of frames",
      ({ socket }) => {
        for (let n = 0; n < REALTIME.frames.burst * 5; n++) socket.send('{"type":"typing"}');
      },
      CLOSE.tooManyFrames.code,
    ],
  ];
  it.each(CLOSED)("%s is closed, and nobody else notices", async (_, send, code) => {
    const { bad, holdGood } = await room();
    send(bad);
    expect(await bad.closed).toBe(code);
    await holdGood();
  });

  it("messages too fast is told when to go on, and what was acknowledged is there once", async () => {
    const { id, eve, bad, holdGood } = await room();
    const sent = MESSAGE_BURST * 2;
    for (let n = 0; n < sent; n++)
      bad.say({ type: "message.send", id: `${n}`, message: { clientMessageId: `${n}`, text: `${n}` } });
    const answers = await Promise.all(
      Array.from({ length: sent }, (_, n) => bad.first((frame) => "id" in frame && frame.id === `${n}`)),
    );
    const refused = answers.filter(({ type }) => type === "error");
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused)
      expect(error).toMatchObject({ code: "too_many_requests", retryAfter: expect.any(Number) });
    expect((await eve.history(id)).items).toHaveLength(sent - refused.length);
    await holdGood();
  });
});

it("a client that does not say what it has received is closed, and nobody else notices", async () => {
  const { id, bad, good, holdGood } = await room(largeGroup);
  good.socket.addEventListener("message", ({ data }) => {
    const frame: unknown = JSON.parse(String(data));
    if (Object(frame).type === "mark") good.say({ type: "received", mark: Object(frame).mark });
  });
  const shard = parseEnv(Env, env).ROOM.getByName(`${id}:0`);
  const text = "x".repeat(48 * 1024);
  for (let n = 0; n <= REALTIME.slowBytes / text.length + 1; n++) {
    await shard.publish([{ channel: `room.${id}`, data: { n, text } }], []);
    await good.first((frame) => frame.type === "event" && Object(frame.data).n === n);
  }
  expect(await bad.closed).toBe(CLOSE.slowConsumer.code);
  await holdGood();
});
