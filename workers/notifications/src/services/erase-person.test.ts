import { deliveries, notificationPreferences, notifications } from "@souk/db/schema/notifications";
import { log } from "@souk/db/schema/events";
import type { Delivery } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import { and, eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { alert, consumeAll, delivery, mail, switched } from "../../test/deliveries.ts";
import { person, upgrade } from "../../test/person.ts";

const db = ownerDatabase();
const TABLES = [notifications, notificationPreferences, deliveries];

const rowsOf = (userId: string) =>
  Promise.all(TABLES.map((table) => db.$count(table, eq(table.userId, userId))));

const erasure = (userId: string): Delivery =>
  delivery("person.erasure_requested", { userId, erasureId: uuidv7(new Date()) });

const countsTold = async (userId: string) => {
  const rows = await db
    .select({ data: log.data })
    .from(log)
    .where(and(eq(log.aggregateId, userId), eq(log.type, "person.data_erased")))
    .orderBy(log.id);
  return rows.map(({ data }) => data["counts"]);
};

/** One event of each kind that stores something of a person. */
const everything = (userId: string): Delivery[] => {
  const fired = alert(userId);
  return [
    delivery("user.registered", { userId }),
    fired,
    delivery("password.changed", { userId, by: "change" }),
    mail(userId, fired.event.id, "sent"),
    switched(userId, true, "2026-10-01T12:00:00.000Z"),
  ];
};

describe("person.erasure_requested", () => {
  it("erases everything of that person, tells how much, and leaves others alone", async () => {
    const [ada, bob] = [person(), person()];
    await consumeAll(...everything(ada.userId), ...everything(bob.userId));
    expect(await rowsOf(ada.userId)).toEqual([3, 1, 1]);
    const request = erasure(ada.userId);
    expect((await consumeAll(request)).explicitAcks).toHaveLength(1);
    expect(await rowsOf(ada.userId)).toEqual([0, 0, 0]);
    expect(await rowsOf(bob.userId)).toEqual([3, 1, 1]);
    await consumeAll(request);
    expect(await countsTold(ada.userId)).toEqual([
      { notifications: 3, notification_preferences: 1, deliveries: 1 },
      { notifications: 0, notification_preferences: 0, deliveries: 0 },
    ]);
  });

  it("closes the sockets and empties the hub", async () => {
    const ada = person();
    const device = await ada.connect();
    const ticket = await ada.ticket();
    await consumeAll(erasure(ada.userId));
    expect(await device.closed).toEqual({ code: 4010, reason: "account_gone" });
    expect((await upgrade(`?ticket=${encodeURIComponent(ticket.ticket)}`)).status).toBe(401);
  });

  it("is final: whatever comes late, and in what order, nothing is stored anew", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(4), fc.boolean(), async (before, atOnce) => {
        const { userId } = person();
        const all = everything(userId);
        const early = all.slice(0, before);
        if (atOnce) await Promise.all([...early, erasure(userId)].map((one) => consumeAll(one)));
        else await consumeAll(...early, erasure(userId));
        await consumeAll(...all, erasure(userId), ...all);
        expect(await rowsOf(userId)).toEqual([0, 0, 0]);
      }),
      { numRuns: 12 },
    );
  });

  it("takes along what others were told of the person, and tells them nothing more", async () => {
    const [ada, bob, cyd] = [person(), person(), person()];
    const told = (of: string): Delivery[] => [
      delivery("user.followed", { userId: of, otherId: bob.userId, silent: false }),
      delivery("friend.requested", { userId: of, otherId: bob.userId, silent: false }),
      delivery("friend.accepted", { userId: of, otherId: bob.userId, silent: false }),
    ];
    await consumeAll(...told(ada.userId), ...told(cyd.userId));
    expect(await rowsOf(bob.userId)).toEqual([6, 0, 0]);
    await Promise.all([erasure(ada.userId), ...told(ada.userId)].map((one) => consumeAll(one)));
    await consumeAll(...told(ada.userId));
    expect(await rowsOf(bob.userId)).toEqual([3, 0, 0]);
  });
});
