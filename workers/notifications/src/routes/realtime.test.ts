import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alert, consumeAll, delivery, mail } from "../../test/deliveries.ts";
import { listen, person, upgrade } from "../../test/person.ts";
import { readTicket } from "../ticket.ts";

const secondsFromNow = (iso: string) => (Date.parse(iso) - Date.now()) / 1000;

describe("a ticket", () => {
  it("opens one socket within thirty seconds", async () => {
    const ada = person();
    const { ticket, expiresAt } = await ada.ticket();
    expect(ticket).toMatch(new RegExp(`^${ada.userId}\\.[\\w-]{43}$`));
    expect(secondsFromNow(expiresAt)).toBeGreaterThan(20);
    expect(secondsFromNow(expiresAt)).toBeLessThanOrEqual(30);
    const { status, webSocket } = await upgrade(`?ticket=${ticket}`);
    expect(status).toBe(101);
    if (webSocket === null) throw new Error("No socket");
    expect(await listen(webSocket).next()).toMatchObject({ type: "hello", userId: ada.userId });
    expect((await upgrade(`?ticket=${ticket}`)).status).toBe(401);
  });

  it("opens one socket when twenty use it at once", async () => {
    const { ticket } = await person().ticket();
    const answers = await Promise.all(Array.from({ length: 20 }, () => upgrade(`?ticket=${ticket}`)));
    for (const { webSocket } of answers) webSocket?.accept();
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      101,
      ...Array(19).fill(401),
    ]);
  });

  it("opens nothing once it is expired", async () => {
    const ada = person();
    const { ticket } = await ada.ticket();
    await runInDurableObject(ada.hub(), (_, state) => {
      state.storage.sql.exec("UPDATE tickets SET expires_at = ?", Date.now());
    });
    expect((await upgrade(`?ticket=${ticket}`)).status).toBe(401);
  });

  it("survives its hub's eviction, and is kept as a hash only", async () => {
    const ada = person();
    const { ticket } = await ada.ticket();
    const kept = await runInDurableObject(ada.hub(), (_, state) =>
      state.storage.sql.exec("SELECT * FROM tickets").toArray(),
    );
    expect(JSON.stringify(kept)).not.toContain(ticket.split(".")[1]);
    await evictDurableObject(ada.hub());
    const { status, webSocket } = await upgrade(`?ticket=${ticket}`);
    webSocket?.accept();
    expect(status).toBe(101);
  });

  it("of one person opens nobody else's socket", async () => {
    const [ada, eve] = [person(), person()];
    const secret = (await eve.ticket()).ticket.split(".")[1];
    await ada.ticket();
    expect((await upgrade(`?ticket=${ada.userId}.${secret}`)).status).toBe(401);
  });

  it("that nobody made is refused and leaves nothing behind", async () => {
    const stranger = person();
    expect((await upgrade(`?ticket=${stranger.userId}.${"A".repeat(43)}`)).status).toBe(401);
    const tables = await runInDurableObject(stranger.hub(), (_, state) =>
      state.storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name IN ('tickets', 'pushed', 'unread')")
        .toArray(),
    );
    expect(tables).toEqual([]);
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 150 }), async (text) => {
        expect((await upgrade(`?ticket=${encodeURIComponent(text)}`)).status).toBe(401);
      }),
      { numRuns: 30 },
    );
    expect(await readTicket(`${stranger.userId}.${"A".repeat(43)}.x`)).toBeNull();
  });
});

describe("GET /ws", () => {
  it("opens for a verified access token, and for nobody else", async () => {
    const ada = person();
    expect((await ada.connect()).hello).toMatchObject({ type: "hello", userId: ada.userId });
    expect((await upgrade("")).status).toBe(401);
  });

  it("asks for an upgrade", async () => {
    const answer = await exports.default.fetch("https://souk.test/ws");
    expect(answer.status).toBe(426);
    expect(answer.headers.get("upgrade")).toBe("websocket");
    expect(await answer.json()).toMatchObject({ code: "upgrade_required" });
  });

  it("opens for pages of our own origins only, and keeps the ticket of the others unused", async () => {
    const { ticket } = await person().ticket();
    for (const origin of [
      "https://evil.example",
      "null",
      "https://souk.example.evil.example",
      "http://souk.example",
    ]) {
      expect((await upgrade(`?ticket=${ticket}`, { origin })).status).toBe(403);
    }
    const { status, webSocket } = await upgrade(`?ticket=${ticket}`, { origin: "https://souk.example" });
    webSocket?.accept();
    expect(status).toBe(101);
  });

  it("does not fall back to the token when a ticket is given", async () => {
    const ada = person();
    const actor = encodeActor({ userId: ada.userId, email: "", role: "user", sessionId: ada.sessionId });
    expect((await upgrade("?ticket=x", { [ACTOR_HEADER]: actor })).status).toBe(401);
  });
});

describe("open sockets", () => {
  it("get each notification with the unread count, on all devices, once", async () => {
    const ada = person();
    const devices = [await ada.connect(), await ada.connect()];
    for (const device of devices) await device.drain();
    const event = alert(ada.userId);
    await consumeAll(event);
    await consumeAll(event);
    for (const device of devices) {
      const frames = await device.drain();
      expect(frames).toHaveLength(1);
      expect(frames[0]).toMatchObject({
        type: "notification",
        unread: 1,
        notification: {
          type: "alert.triggered",
          title: "Gold is above $1,000.00 per troy ounce",
          email: null,
        },
      });
    }
  });

  it("get what happens after their hub was evicted", async () => {
    const ada = person();
    const device = await ada.connect();
    await evictDurableObject(ada.hub());
    const event = alert(ada.userId);
    await consumeAll(event);
    expect(await device.event()).toMatchObject({ type: "notification", unread: 1 });
    await evictDurableObject(ada.hub());
    await consumeAll(event);
    expect(await device.drain()).toEqual([]);
  });

  it("end on the true count whatever arrives at once", async () => {
    const ada = person();
    const device = await ada.connect();
    await Promise.all(Array.from({ length: 30 }, () => consumeAll(alert(ada.userId))));
    const counts = (await device.drain()).flatMap((frame) =>
      frame.type === "notification" ? [frame.unread] : [],
    );
    expect(counts).toHaveLength(30);
    expect(counts.at(-1)).toBe(30);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });

  it("do not go back to an older count", async () => {
    const ada = person();
    const device = await ada.connect();
    await ada.hub().count({ unread: 5, asOf: "2100-01-01T00:00:00.000002Z" });
    await ada.hub().count({ unread: 9, asOf: "2100-01-01T00:00:00.000001Z" });
    expect(await device.drain()).toEqual([
      { type: "unread", unread: 5 },
      { type: "unread", unread: 5 },
    ]);
    device.send({ type: "subscribe", channel: "inbox" });
    expect((await device.until("subscribed")).at(-1)).toMatchObject({ latest: { unread: 5 } });
  });

  it("of other devices learn what was read", async () => {
    const ada = person();
    await consumeAll(alert(ada.userId), alert(ada.userId));
    const device = await ada.connect();
    const [item] = (await ada.list()).items;
    await ada.call("PUT", `/notifications/${item?.id}/read`);
    expect(await device.event()).toEqual({ type: "unread", unread: 1 });
    await ada.call("PUT", "/notifications/read-all");
    expect(await device.event()).toEqual({ type: "unread", unread: 0 });
  });

  it("learn what became of the mail about a notification, in either order", async () => {
    const ada = person();
    const device = await ada.connect();
    const [before, after] = [alert(ada.userId), alert(ada.userId)];
    await consumeAll(before);
    const told = await device.event();
    await consumeAll(mail(ada.userId, before.event.id, "sent", "2026-10-01T12:01:00.000Z"));
    expect(await device.event()).toEqual({
      type: "delivery",
      notificationId: told.type === "notification" && told.notification.id,
      channel: "email",
      status: "sent",
      at: "2026-10-01T12:01:00.000Z",
    });
    await consumeAll(mail(ada.userId, after.event.id, "failed", "2026-10-01T12:02:00.000Z"));
    await consumeAll(after);
    expect(await device.drain()).toMatchObject([
      { type: "notification", notification: { email: { status: "failed", at: "2026-10-01T12:02:00.000Z" } } },
    ]);
  });

  it("get nothing of another's", async () => {
    const [ada, eve] = [person(), person()];
    const device = await eve.connect();
    await consumeAll(alert(ada.userId));
    expect(await device.drain()).toEqual([]);
  });

  it("are twenty at most: the oldest is closed", async () => {
    const ada = person();
    const oldest = await ada.connect();
    const others = [];
    for (let i = 0; i < 20; i++) others.push(await ada.connect());
    expect(await oldest.closed).toEqual({ code: 4008, reason: "too_many_sockets" });
    await consumeAll(alert(ada.userId));
    for (const other of others)
      expect((await other.drain()).map(({ type }) => type)).toContain("notification");
  });

  it("are answered when they close", async () => {
    const ada = person();
    const device = await ada.connect();
    device.socket.close(4001, "bye");
    expect(await device.closed).toMatchObject({ code: 4001 });
    const again = await ada.connect();
    await consumeAll(alert(ada.userId));
    expect(await again.drain()).toHaveLength(1);
  });
});

describe("a session that has ended", () => {
  it("loses its sockets and tickets and gets no new ones; other sessions of the person keep theirs", async () => {
    const phone = person();
    const laptop = person(phone.userId);
    const [lost, kept] = [await phone.connect(), await laptop.connect()];
    const [voided, good] = [await phone.ticket(), await laptop.ticket()];
    const ended = delivery("session.revoked", {
      userId: phone.userId,
      sessionId: phone.sessionId,
      reason: "logout",
    });
    for (let time = 0; time < 2; time++) expect((await consumeAll(ended)).explicitAcks).toHaveLength(1);
    expect(await lost.closed).toEqual({ code: 4001, reason: "session_ended" });
    await evictDurableObject(phone.hub());
    expect((await upgrade(`?ticket=${voided.ticket}`)).status).toBe(401);
    expect((await upgrade(`?ticket=${(await phone.ticket()).ticket}`)).status).toBe(401);
    await expect(phone.connect()).rejects.toThrow("No socket: 401");
    expect(await kept.drain()).toEqual([]);
    const { status, webSocket } = await upgrade(`?ticket=${good.ticket}`);
    webSocket?.accept();
    expect(status).toBe(101);
  });
});

describe("frames from a client", () => {
  it.each([
    ["{", "malformed_frame"],
    ["", "malformed_frame"],
    ["null", "unknown_frame"],
    ["[]", "unknown_frame"],
    ['{"type":"subscribe"}', "invalid_frame"],
    ['{"type":"subscribe","channel":"__proto__"}', "invalid_frame"],
    ['{"type":"subscribe","channel":"inbox","since":{"epoch":"x","offset":-1}}', "invalid_frame"],
    ['{"type":"subscribe","channel":"prices.XAU.USD"}', "unknown_channel"],
    ['{"type":"toString"}', "unknown_frame"],
    ['{"type":{"$ne":1}}', "unknown_frame"],
  ])("%j is answered with %s", async (text, code) => {
    const device = await person().connect();
    device.socket.send(text);
    expect((await device.until("error")).at(-1)).toMatchObject({ code });
  });

  it("that are binary are malformed; a ping in another spelling is a ping", async () => {
    const device = await person().connect();
    device.socket.send(new Uint8Array([1, 2, 3]));
    expect((await device.until("error")).at(-1)).toMatchObject({ code: "malformed_frame" });
    device.socket.send('{ "type": "ping" }');
    expect((await device.until("pong")).at(-1)).toEqual({ type: "pong" });
  });

  it("of more than 64 KB close the socket", async () => {
    const device = await person().connect();
    device.socket.send(`"${"x".repeat(64 * 1024 - 2)}"`);
    expect((await device.until("error")).at(-1)).toMatchObject({ code: "unknown_frame" });
    device.socket.send(`"${"é".repeat(32 * 1024)}"`);
    expect(await device.closed).toEqual({ code: 1009, reason: "frame_too_large" });
  });
});
