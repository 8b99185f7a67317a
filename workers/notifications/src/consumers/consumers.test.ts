import { env } from "cloudflare:workers";
import { deliveries, inbox, notificationPreferences, notifications } from "@souk/db/schema/notifications";
import type { Delivery } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import { eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { alert, consumeAll, consumeWith, delivery, mail, switched } from "../../test/deliveries.ts";
import { person } from "../../test/person.ts";

const db = ownerDatabase();
const newId = () => uuidv7(new Date());
const stored = (userId: string) => db.select().from(notifications).where(eq(notifications.userId, userId));

/** A permutation of the deliveries in which each comes once to three times. */
const shuffled = (all: Delivery[]) =>
  fc
    .tuple(
      ...all.map((one) => fc.integer({ min: 1, max: 3 }).map((times) => Array<Delivery>(times).fill(one))),
    )
    .chain((repeated) => {
      const flat = repeated.flat();
      return fc.shuffledSubarray(flat, { minLength: flat.length });
    });

describe("what a person is told", () => {
  it("is a welcome, an alert with its amounts, and a changed password", async () => {
    const ada = person();
    const result = await consumeAll(
      delivery("user.registered", { userId: ada.userId }),
      alert(ada.userId),
      delivery("password.changed", { userId: ada.userId, by: "reset" }),
    );
    expect(result.explicitAcks).toHaveLength(3);
    const byType = Object.fromEntries((await stored(ada.userId)).map((row) => [row.type, row]));
    expect(byType["user.registered"]?.title).toBe("Welcome to Souk");
    expect(byType["alert.triggered"]).toMatchObject({
      title: "Gold is above $1,000.00 per troy ounce",
      message: "XAU/USD was quoted at $1,134.72 per troy ounce on 2 November 2009 at 00:00 UTC.",
      data: { metal: "XAU", price: "1134.72", threshold: "1000" },
      readAt: null,
    });
    expect(byType["alert.triggered"]?.data).not.toHaveProperty("userId");
    expect(byType["password.changed"]?.message).toBe(
      "It was changed on 1 October 2026 at 12:00 UTC, by a link that we mailed to you. If that was not you, reset your password now.",
    );
  });

  it("names purity, unit and the person's note as text", async () => {
    const ada = person();
    await consumeAll(
      alert(ada.userId, {
        metal: "XAG",
        type: "below",
        threshold: "0.91234",
        unit: "g",
        karat: 22,
        note: "<b>sell</b>",
      }),
    );
    const [row] = await stored(ada.userId);
    expect(row?.title).toBe("Silver is below $0.9123 per gram");
    expect(row?.message).toMatch(/ Your note: <b>sell<\/b>$/);
  });
});

describe("what others do towards a person", () => {
  const about = (userId: string, silent: boolean) => ({ userId: newId(), otherId: userId, silent });

  it("is told to that person, with who it was", async () => {
    const ada = person();
    const events = [
      delivery("user.followed", about(ada.userId, false)),
      delivery("friend.requested", about(ada.userId, false)),
      delivery("friend.accepted", about(ada.userId, false)),
    ];
    await consumeAll(...events, ...events);
    const rows = await stored(ada.userId);
    const told = new Set(rows.map(({ type, title, data }) => `${type}: ${title}, ${String(data["userId"])}`));
    const titles = ["You have a new follower", "You have a friend request", "You have a new friend"];
    expect(told).toEqual(
      new Set(events.map(({ event }, i) => `${event.type}: ${titles[i]}, ${String(event.data["userId"])}`)),
    );
    expect(rows).toHaveLength(3);
  });

  it("is not told of someone who is muted", async () => {
    const ada = person();
    const result = await consumeAll(
      delivery("user.followed", about(ada.userId, true)),
      delivery("friend.requested", about(ada.userId, true)),
      delivery("friend.accepted", about(ada.userId, true)),
    );
    expect(result.explicitAcks).toHaveLength(3);
    expect(await stored(ada.userId)).toEqual([]);
  });
});

describe("duplicates and disorder", () => {
  it("end in the same state whatever comes how often and in what order", async () => {
    const ada = person();
    const first = alert(ada.userId);
    const second = alert(ada.userId);
    const events = [
      delivery("user.registered", { userId: ada.userId }),
      first,
      second,
      delivery("password.changed", { userId: ada.userId, by: "change" }),
      mail(ada.userId, first.event.id, "sent", "2026-10-01T12:01:00.000Z"),
      mail(ada.userId, second.event.id, "failed", "2026-10-01T12:01:00.000Z"),
      mail(ada.userId, second.event.id, "sent", "2026-10-01T12:02:00.000Z"),
      mail(ada.userId, second.event.id, "failed", "2026-10-01T12:03:00.000Z"),
    ];
    await fc.assert(
      fc.asyncProperty(shuffled(events), async (arrivals) => {
        await db.delete(inbox);
        await db.delete(notifications).where(eq(notifications.userId, ada.userId));
        await db.delete(deliveries).where(eq(deliveries.userId, ada.userId));
        const result = await consumeAll(...arrivals);
        expect(result.explicitAcks).toHaveLength(arrivals.length);
        const { items } = await ada.list();
        const emailOf = (match: (item: (typeof items)[number]) => boolean) =>
          items.filter(match).map(({ email }) => email);
        const emailAbout = ({ event }: Delivery) =>
          emailOf(({ data }) => data.historyId === event.data.historyId);
        expect(items).toHaveLength(4);
        expect(emailOf(({ type }) => type === "user.registered")).toEqual([null]);
        expect(emailOf(({ type }) => type === "password.changed")).toEqual([null]);
        expect(emailAbout(first)).toEqual([{ status: "sent", at: "2026-10-01T12:01:00.000Z" }]);
        expect(emailAbout(second)).toEqual([{ status: "sent", at: "2026-10-01T12:02:00.000Z" }]);
      }),
      { numRuns: 25 },
    );
  });

  it("leave the switch as it was turned last", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        fc.gen(),
        async (turns, generate) => {
          const ada = person();
          const events = turns.map((on, i) => switched(ada.userId, on, `2026-10-01T12:00:0${i}.000Z`));
          await consumeAll(...generate(() => shuffled(events)));
          const rows = await db
            .select()
            .from(notificationPreferences)
            .where(eq(notificationPreferences.userId, ada.userId));
          expect(rows).toHaveLength(1);
          expect(rows[0]?.muted).toBe(!turns.at(-1));
        },
      ),
      { numRuns: 25 },
    );
  });

  it("do not make one notification two when twenty deliveries run at once", async () => {
    const ada = person();
    const event = alert(ada.userId);
    await Promise.all(Array.from({ length: 20 }, () => consumeAll(event)));
    expect(await stored(ada.userId)).toHaveLength(1);
  });

  it("bring a push that failed once more, for the one notification that was stored", async () => {
    const ada = person();
    const device = await ada.connect();
    const event = alert(ada.userId);
    const away = { deliver: () => Promise.reject(new Error("hub is away")) };
    const failed = await consumeWith({ ...env, USER_HUB: { getByName: () => away } }, event);
    expect(failed.explicitAcks).toEqual([]);
    expect(failed.retryMessages).toHaveLength(1);
    expect(await device.drain()).toEqual([]);
    expect((await consumeAll(event)).explicitAcks).toHaveLength(1);
    expect(await device.drain()).toMatchObject([{ type: "notification", unread: 1 }]);
    expect(await stored(ada.userId)).toHaveLength(1);
  });

  it("keep one person's mail off another's notification", async () => {
    const [ada, eve] = [person(), person()];
    const event = alert(ada.userId);
    await consumeAll(event, mail(eve.userId, event.event.id, "failed"));
    expect((await ada.list()).items[0]?.email).toBeNull();
  });
});

describe("conversations", () => {
  it("tell of what is unread, and of a request, once each, to the person and without a word of it", async () => {
    const [ada, bob] = [person(), person()];
    const place = { conversationId: newId(), messageId: newId(), seq: 7 };
    const unread = delivery("message.unread", {
      ...place,
      userId: ada.userId,
      senderId: bob.userId,
      unread: 3,
    });
    const asked = { userId: bob.userId, otherId: ada.userId, conversationId: place.conversationId };
    const requested = delivery("conversation.requested", asked);
    await consumeAll(unread, requested, unread, requested);
    expect((await stored(ada.userId)).map(({ type, data }) => ({ type, data }))).toEqual(
      expect.arrayContaining([
        { type: "message.unread", data: { ...place, unread: 3, userId: bob.userId } },
        {
          type: "conversation.requested",
          data: { userId: bob.userId, conversationId: place.conversationId },
        },
      ]),
    );
    expect(await stored(ada.userId)).toHaveLength(2);
    expect(await stored(bob.userId)).toEqual([]);
  });
});

describe("preferences", () => {
  it("are respected, except by what concerns security", async () => {
    const ada = person();
    await ada.call("PUT", "/notifications/preferences", { inApp: false });
    await consumeAll(alert(ada.userId), delivery("password.changed", { userId: ada.userId, by: "change" }));
    expect((await stored(ada.userId)).map(({ type }) => type)).toEqual(["password.changed"]);
  });

  it("silence all but the critical by the master switch, and what came meanwhile does not come back", async () => {
    const ada = person();
    const missed = alert(ada.userId);
    await consumeAll(switched(ada.userId, false, "2026-10-01T12:00:00.000Z"));
    await consumeAll(missed);
    await consumeAll(switched(ada.userId, true, "2026-10-01T12:00:01.000Z"));
    const heard = alert(ada.userId);
    await consumeAll(missed, heard);
    expect((await stored(ada.userId)).map(({ eventId }) => eventId)).toEqual([heard.event.id]);
  });

  it("of the channels and the master switch do not overwrite each other", async () => {
    const ada = person();
    await ada.call("PUT", "/notifications/preferences", { email: false });
    await consumeAll(switched(ada.userId, false, "2026-10-01T12:00:00.000Z"));
    await ada.call("PUT", "/notifications/preferences", { push: false });
    expect(await (await ada.call("GET", "/notifications/preferences")).json()).toEqual({
      email: false,
      inApp: true,
      push: false,
      muted: true,
    });
  });
});

describe("a mail about something that nobody was told of", () => {
  it("is recorded", async () => {
    const userId = newId();
    const causeId = newId();
    await consumeAll(mail(userId, causeId, "failed"));
    expect(await db.select().from(deliveries).where(eq(deliveries.eventId, causeId))).toMatchObject([
      { userId, channel: "email", status: "failed", reason: "550 no such user" },
    ]);
  });
});
