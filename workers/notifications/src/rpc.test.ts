import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { consumeAll, switched } from "../test/deliveries.ts";
import { person } from "../test/person.ts";
import { NotificationsRpc } from "./rpc.ts";

/** The entrypoint as a binding with these props reaches it. */
const boundBy = (caller?: string) =>
  new NotificationsRpc(
    Object.assign(createExecutionContext(), { props: caller === undefined ? {} : { caller } }),
    env,
  );

describe("channels", () => {
  it("follow the person's choice, except for what concerns security or the account", async () => {
    const ada = person();
    const email = boundBy("email");
    expect(await email.channels(ada.userId, "alert.triggered")).toEqual({
      inApp: true,
      email: true,
      push: true,
    });
    await ada.call("PUT", "/notifications/preferences", { email: false });
    expect(await email.channels(ada.userId, "alert.triggered")).toEqual({
      inApp: true,
      email: false,
      push: true,
    });
    await consumeAll(switched(ada.userId, false, "2026-10-01T12:00:00.000Z"));
    expect(await email.channels(ada.userId, "alert.triggered")).toEqual({
      inApp: false,
      email: false,
      push: false,
    });
    for (const type of ["password.changed", "password.reset_requested", "user.registered", "user.verified"]) {
      expect(await email.channels(ada.userId, type)).toMatchObject({ email: true });
    }
  });

  it.each([undefined, "alerts", "gateway"])("are not told to caller %s", async (caller) => {
    await expect(boundBy(caller).channels(person().userId, "alert.triggered")).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("are told for ids only", async () => {
    await expect(boundBy("email").channels("' OR 1=1", "alert.triggered")).rejects.toThrow();
  });
});

describe("publish", () => {
  const said = (n: number, key?: string) => [
    { channel: "chat", data: { n }, ...(key !== undefined && { key }) },
  ];

  it("reaches the hubs of many at once, each publication once, and tells who is connected", async () => {
    const [ada, eve, off] = [person(), person(), person()];
    const devices = [await ada.connect(), await eve.connect()];
    for (const device of devices) {
      device.send({ type: "subscribe", channel: "chat" });
      await device.until("subscribed");
    }
    const people = [ada.userId, eve.userId, off.userId];
    const chat = boundBy("chat");
    for (let time = 0; time < 2; time++) {
      const told = await chat.publish(people, said(1, "message:1"));
      expect(told.failed).toEqual([]);
      expect(told.connected.toSorted()).toEqual([ada.userId, eve.userId].toSorted());
    }
    await chat.publish(people, [...said(2), { channel: "chat", data: { typing: true }, ephemeral: true }]);
    for (const device of devices) {
      const frames = await device.until("ephemeral");
      expect(frames.flatMap((frame) => (frame.type === "event" ? [frame.data] : []))).toEqual([
        { n: 1 },
        { n: 2 },
      ]);
      expect(frames.at(-1)).toMatchObject({ data: { typing: true } });
    }
    const known = await chat.presence(people);
    expect(known.map(({ connected }) => connected)).toEqual([true, true, false]);
  });

  it("is for chat alone, for its own channel and for few enough people", async () => {
    const { userId } = person();
    await expect(boundBy("email").publish([userId], said(1))).rejects.toMatchObject({ code: "forbidden" });
    const chat = boundBy("chat");
    const inbox = [{ channel: "inbox", data: { n: 1 } }];
    await expect(chat.publish([userId], inbox)).rejects.toThrow();
    const crowd = Array.from({ length: 26 }, () => person().userId);
    await expect(chat.publish(crowd, said(1))).rejects.toThrow();
  });
});

describe("admission to a room", () => {
  it("uses a ticket up, and is remembered until the session has ended for long", async () => {
    const ada = person();
    const chat = boundBy("chat");
    const { ticket } = await ada.ticket();
    const whose = { userId: ada.userId, sessionId: ada.sessionId };
    expect(await chat.admit({ ticket }, "conversation.a")).toEqual(whose);
    expect(await chat.admit({ ticket }, "conversation.a")).toBeNull();
    expect(await chat.admit(whose, "conversation.b")).toEqual(whose);
    expect(await chat.roomsOf(ada.userId, ada.sessionId)).toEqual(["conversation.a", "conversation.b"]);
    await ada.hub().endSession(ada.sessionId, Date.now());
    expect(await chat.admit(whose, "conversation.c")).toBeNull();
    expect(await chat.roomsOf(ada.userId, ada.sessionId)).toEqual(["conversation.a", "conversation.b"]);
    await ada.hub().endSession(person().sessionId, Date.now() + 3 * 60 * 60_000);
    expect(await chat.roomsOf(ada.userId, ada.sessionId)).toEqual([]);
  });

  it("of another's ticket is none", async () => {
    const [ada, eve] = [person(), person()];
    const secret = (await eve.ticket()).ticket.split(".")[1];
    const chat = boundBy("chat");
    expect(await chat.admit({ ticket: `${ada.userId}.${secret}` }, "conversation.a")).toBeNull();
    expect(await chat.admit({ ticket: "" }, "conversation.a")).toBeNull();
    expect(await chat.roomsOf(ada.userId, ada.sessionId)).toEqual([]);
  });
});
