import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { readStream } from "../../../../test/read-stream.ts";
import { alert, consumeAll, delivery } from "../../test/deliveries.ts";
import { person } from "../../test/person.ts";
import { InboxEvent } from "../schemas.ts";

/** Asks for the event stream as the gateway would pass it on. */
const askStream = (query: string, headers: Record<string, string> = {}) =>
  exports.default.fetch(`https://souk.test/api/v1/realtime/events${query}`, { headers });

/** Opens a person's stream by a ticket, up to where both channels are subscribed to. */
async function open(ada: ReturnType<typeof person>, lastEventId?: string) {
  const { ticket } = await ada.ticket();
  const answer = await askStream(
    `?ticket=${ticket}`,
    lastEventId === undefined ? {} : { "last-event-id": lastEventId },
  );
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  return readStream(answer);
}
const untilChat = (stream: ReturnType<typeof readStream>) =>
  stream.until((frame) => frame.type === "subscribed" && frame.channel === "chat");
const publish = (ada: ReturnType<typeof person>, ...numbers: number[]) =>
  ada.hub().publish(numbers.map((n) => ({ channel: "chat", data: { n } })));

describe("the event stream", () => {
  it("says hello, subscribes to what is mine and brings each notification", async () => {
    const ada = person();
    const stream = await open(ada);
    const { frames } = await untilChat(stream);
    expect(frames.map(({ type }) => type)).toEqual(["hello", "subscribed", "subscribed"]);
    await consumeAll(alert(ada.userId));
    const told = await stream.until(({ type }) => type === "event");
    const event = told.frames.at(-1);
    expect(InboxEvent.parse(event?.type === "event" && event.data)).toMatchObject({
      type: "notification",
      unread: 1,
    });
    await stream.cancel();
  });

  it("brings after a cut exactly what was missed, in order", async () => {
    const ada = person();
    const stream = await open(ada);
    await untilChat(stream);
    await publish(ada, 1, 2, 3);
    const { id } = await stream.until((frame) => frame.type === "event" && frame.offset === 2);
    await stream.cancel();
    await publish(ada, 4, 5);
    const again = await open(ada, id);
    const { frames } = await again.until((frame) => frame.type === "event" && frame.offset === 5);
    expect(frames.flatMap((frame) => (frame.type === "event" ? [frame.data] : []))).toEqual(
      [3, 4, 5].map((n) => ({ n })),
    );
    expect(frames).toContainEqual(
      expect.objectContaining({ type: "subscribed", channel: "chat", recovered: true }),
    );
    await again.cancel();
  });

  it.each(["", "chat", "chat:x:1", "chat:x:-1,inbox:y:NaN", "prices.XAU.USD:x:1", ":::,,:"])(
    "recovers nothing from the cursor %j",
    async (cursor) => {
      const ada = person();
      const stream = await open(ada, cursor);
      const { frames } = await untilChat(stream);
      expect(frames.flatMap((frame) => (frame.type === "subscribed" ? [frame.recovered] : []))).toEqual([
        false,
        false,
      ]);
      await stream.cancel();
    },
  );

  it("ends with its session, and says why", async () => {
    const ada = person();
    const stream = await open(ada);
    await untilChat(stream);
    await consumeAll(
      delivery("session.revoked", { userId: ada.userId, sessionId: ada.sessionId, reason: "logout" }),
    );
    let last = await stream.next();
    while (last?.event !== "close") last = await stream.next();
    expect(last.data).toEqual({ code: 4001, reason: "session_ended" });
    expect(await stream.next()).toBeUndefined();
    const { ticket } = await ada.ticket();
    expect((await askStream(`?ticket=${ticket}`)).status).toBe(401);
  });

  it("opens for tickets and tokens alone, and for pages of our own", async () => {
    const { ticket } = await person().ticket();
    expect((await askStream("")).status).toBe(401);
    expect((await askStream(`?ticket=${ticket}`, { origin: "https://evil.example" })).status).toBe(403);
    const answer = await askStream(`?ticket=${ticket}`, { origin: "https://souk.example" });
    expect(answer.status).toBe(200);
    await answer.body?.cancel();
    expect((await askStream(`?ticket=${ticket}`)).status).toBe(401);
  });
});
