import { uuidv7 } from "@souk/kit/ids";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually, request } from "../http.ts";
import { newPerson, type Person } from "../person.ts";
import { deliveriesOf, eventQueues } from "./queues.ts";
import {
  copiesOf,
  logLines,
  passOverLogs,
  mailed,
  notificationsOf,
  query,
  sweep,
  tick,
  told,
  type Watcher,
} from "./watcher.ts";
import { newWatcher, ONCE } from "./watcher.ts";

let person: Person;

const Sent = z.array(z.object({ id: z.string(), sent_at: z.date().nullable() }));
const rowOf = async (id: string) =>
  Sent.parse(await query("SELECT id, sent_at FROM events.log WHERE id = $1", [id]))[0];

/** Appends the event of a fired alert as the service would whose Worker then died: nobody is woken. */
async function appended(claimedUntil: string | null = null): Promise<{ eventId: string; alertId: string }> {
  const [eventId, alertId] = [uuidv7(new Date()), uuidv7(new Date())];
  const now = new Date().toISOString();
  const data = {
    alertId,
    historyId: uuidv7(new Date()),
    userId: person.id,
    metal: "XAU",
    currency: "USD",
    type: "above",
    threshold: "1",
    unit: "toz",
    karat: 24,
    price: "700",
    note: null,
    quotedAt: now,
    triggeredAt: now,
  };
  await query(
    `INSERT INTO events.log (id, type, version, source, aggregate_id, data, traceparent, occurred_at, claimed_until)
     VALUES ($1, 'alert.triggered', 1, 'alerts', $2, $3, NULL, now(), now() + $4::interval)`,
    [eventId, alertId, JSON.stringify(data), claimedUntil],
  );
  return { eventId, alertId };
}

/** Waits until an appended event has been told; what a second one would add is seen once a later event has passed. */
async function toldOf(alertId: string): Promise<{ notifications: number; mails: number }> {
  const watcher: Watcher = { person, alertId };
  await mailed(watcher);
  await eventually("the notification", async () => (await notificationsOf(watcher)) > 0 || undefined);
  const later = await newWatcher(person);
  await tick();
  await told(later);
  return { notifications: await notificationsOf(watcher), mails: (await copiesOf(watcher)).length };
}
const ONE_OF_EACH = { notifications: 1, mails: 1 };

beforeAll(async () => {
  person = await newPerson();
});

describe("the events Worker dies", () => {
  it("between commit and wake: the sweep delivers", async () => {
    const { eventId, alertId } = await appended();
    expect((await rowOf(eventId))?.sent_at).toBeNull();
    await sweep();
    expect((await rowOf(eventId))?.sent_at).not.toBeNull();
    expect(await toldOf(alertId)).toEqual(ONE_OF_EACH);
    expect(await logLines("events sent")).not.toEqual([]);
    expect(await logLines("event consumed", eventId)).toHaveLength(2);
  });

  it("in the middle of a drain: its batch is held until the claim runs out, then delivered", async () => {
    const { eventId, alertId } = await appended("20 s");
    await sweep();
    expect((await rowOf(eventId))?.sent_at).toBeNull();
    await query("UPDATE events.log SET claimed_until = now() WHERE id = $1", [eventId]);
    await sweep();
    expect(await toldOf(alertId)).toEqual(ONE_OF_EACH);
    expect(await logLines("event consumed", eventId)).toHaveLength(2);
  });

  it("between sending and marking sent: all is sent again and nothing doubles", async () => {
    const { eventId, alertId } = await appended();
    await sweep();
    await eventually(
      "both deliveries",
      async () => (await logLines("event consumed", eventId)).length === 2 || undefined,
    );
    await query("UPDATE events.log SET sent_at = NULL, claimed_until = now() WHERE id = $1", [eventId]);
    await sweep();
    await eventually(
      "both repeats",
      async () => (await logLines("event consumed", eventId)).length === 4 || undefined,
    );
    expect(await toldOf(alertId)).toEqual(ONE_OF_EACH);
    expect(await logLines("email finished before", eventId)).toHaveLength(1);
  });
});

describe("sweeps at once", () => {
  it("share the log between them: each event is sent once", async () => {
    const appendedRows = await Promise.all(Array.from({ length: 30 }, () => appended()));
    await passOverLogs();
    await Promise.all(Array.from({ length: 6 }, sweep));
    const sent = (await logLines("events sent")).map(
      (line) => z.object({ sent: z.number() }).parse(JSON.parse(line)).sent,
    );
    expect(sent.reduce((sum, count) => sum + count, 0)).toBe(30);
    for (const { alertId } of appendedRows) await mailed({ person, alertId });
    for (const { eventId } of appendedRows)
      await eventually(
        "both deliveries",
        async () => (await logLines("event consumed", eventId)).length === 2 || undefined,
      );
    const counts = await Promise.all(appendedRows.map(({ alertId }) => notificationsOf({ person, alertId })));
    expect(new Set(counts)).toEqual(new Set([1]));
    const mails = await Promise.all(appendedRows.map(({ alertId }) => copiesOf({ person, alertId })));
    expect(new Set(mails.map((copies) => copies.length))).toEqual(new Set([1]));
  });
});

describe("queue messages", () => {
  it("come twice, late and in the wrong order: one of each", async () => {
    const watcher = await newWatcher(person);
    await tick();
    await mailed(watcher);
    const deliveries = await eventually("both events", async () => {
      const found = await deliveriesOf(watcher.alertId);
      return found.length === 2 ? found : undefined;
    });
    const queues = await eventQueues();
    const [first, second] = deliveries;
    if (first === undefined || second === undefined) throw new Error("two deliveries were expected");
    for (const body of [second, first, first, second, first]) await queues.NOTIFICATIONS_QUEUE.send(body);
    for (let copy = 0; copy < 3; copy++)
      await queues.EMAIL_BULK_QUEUE.send({ ...first, subscriber: "email-bulk" });
    await eventually("all repeats", async () => {
      const consumed = await logLines("event consumed", first.event.id);
      return consumed.length === 8 ? true : undefined;
    });
    expect(await told(watcher)).toEqual(ONCE);
  });

  it("about the mail come before the one about the alert: the notification knows of its mail", async () => {
    const queues = await eventQueues();
    const { eventId, alertId } = await appended("1 hour");
    const [triggered] = await deliveriesOf(alertId);
    if (triggered === undefined) throw new Error("one delivery was expected");
    const facts = {
      emailId: uuidv7(new Date()),
      userId: person.id,
      template: "alert-triggered",
      causeId: eventId,
    };
    const sentEvent = {
      ...triggered.event,
      id: uuidv7(new Date()),
      type: "email.sent" as const,
      data: facts,
    };
    await queues.NOTIFICATIONS_QUEUE.send({ subscriber: "notifications", event: sentEvent });
    await eventually("the first", async () => (await logLines("event consumed", sentEvent.id))[0]);
    await queues.NOTIFICATIONS_QUEUE.send(triggered);
    await eventually("the second", async () => (await logLines("event consumed", eventId))[0]);
    const { json } = await request("GET", "/api/v1/notifications?limit=100", { token: person.accessToken });
    const { items } = z
      .object({
        items: z.array(
          z.looseObject({ data: z.looseObject({ alertId: z.string().optional() }), email: z.unknown() }),
        ),
      })
      .parse(json);
    expect(items.filter(({ data }) => data.alertId === alertId)).toMatchObject([
      { email: { status: "sent" } },
    ]);
    await query("UPDATE events.log SET sent_at = now() WHERE id = $1", [eventId]);
  });
});
