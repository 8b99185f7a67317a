import assert from "node:assert/strict";
import { z } from "zod";
import { minutesOf } from "./minutes-of.ts";
import type { Played } from "./play.ts";
import type { World } from "./world.ts";

const PriceRow = z.object({ price: z.coerce.number(), quoted_at: z.date(), late: z.boolean() });
const Fired = z.object({ alert_id: z.string(), price: z.coerce.number() });
const Told = z.object({
  user_id: z.string(),
  history: z.coerce.number(),
  notifications: z.coerce.number(),
  notification_id: z.string().nullable(),
  seen: z.coerce.number(),
  mails: z.coerce.number(),
  status: z.string().nullable(),
  permanent: z.boolean().nullable(),
  message_id: z.string().nullable(),
  outcomes: z.array(z.string().nullable()),
  email_sent: z.coerce.number(),
  email_failed: z.coerce.number(),
  reported: z.string().nullable(),
});
const Count = z.object({ count: z.coerce.number() });

/** Invariant 8: no lie became a price, and each alert fired exactly at the prices that its mode, cooldown and hysteresis allow. */
async function alertsFiredAsAllowed(world: World, played: Played): Promise<void> {
  const prices = await world.rows(
    PriceRow,
    "SELECT new_value AS price, quoted_at, late FROM alerts.price_history ORDER BY quoted_at, id",
  );
  for (const { price, quoted_at } of prices)
    assert.equal(price, played.honest.get(minutesOf(quoted_at)), "every stored price is the honest one");
  for (const { naive } of played.alerts)
    for (const { price, quoted_at, late } of prices) if (!late) naive.see(price, minutesOf(quoted_at));
  const fired = await world.rows(
    Fired,
    `SELECT h.alert_id, p.new_value AS price FROM alerts.alert_history h JOIN alerts.price_history p ON p.id = h.price_history_id
     ORDER BY h.quoted_at`,
  );
  for (const { id, naive } of played.alerts) {
    const times = fired.filter(({ alert_id }) => alert_id === id).map(({ price }) => price);
    assert.deepEqual(times, naive.fired, `the alert fires at these prices: ${JSON.stringify(naive.spec)}`);
  }
  const all = played.alerts.reduce((sum, { naive }) => sum + naive.fired.length, 0);
  const [events] = await world.rows(Count, "SELECT count(*) FROM events.log WHERE type = 'alert.triggered'");
  assert.equal(events?.count, all, "one event for each time that an alert fired");
}

/** Invariant 7: each event is applied once per subscriber. One history row, one notification that was pushed, one mail. */
async function eachEventAppliedOnce(world: World): Promise<void> {
  const events = await world.rows(
    Told,
    `SELECT log.data ->> 'userId' AS user_id,
       (SELECT count(*) FROM alerts.alert_history WHERE id::text = log.data ->> 'historyId') AS history,
       (SELECT count(*) FROM notifications.notifications WHERE event_id = log.id) AS notifications,
       (SELECT id FROM notifications.notifications WHERE event_id = log.id LIMIT 1) AS notification_id,
       (SELECT count(*) FROM notifications.inbox WHERE event_id = log.id) AS seen,
       (SELECT count(*) FROM email.email_logs WHERE event_id = log.id) AS mails,
       mail.status, mail.permanent, mail.message_id,
       ARRAY(SELECT outcome FROM email.email_attempts WHERE email_id = mail.id ORDER BY id) AS outcomes,
       (SELECT count(*) FROM events.log e WHERE e.type = 'email.sent' AND e.data ->> 'causeId' = log.id::text) AS email_sent,
       (SELECT count(*) FROM events.log e WHERE e.type = 'email.failed' AND e.data ->> 'causeId' = log.id::text) AS email_failed,
       (SELECT status FROM notifications.deliveries WHERE event_id = log.id) AS reported
     FROM events.log LEFT JOIN email.email_logs mail ON mail.event_id = log.id WHERE log.type = 'alert.triggered'`,
  );
  for (const event of events) {
    const { history, notifications, seen, mails } = event;
    assert.deepEqual(
      { history, notifications, seen, mails },
      { history: 1, notifications: 1, seen: 1, mails: 1 },
    );
    const pushed = world.workers.pushes.filter(
      ({ notificationId }) => notificationId === event.notification_id,
    );
    assert(pushed.length > 0, "the notification was pushed");
    assert(
      pushed.every(({ userId }) => userId === event.user_id),
      "and to nobody else",
    );
    mailedOnce(world, event);
  }
  const [all] = await world.rows(Count, "SELECT count(*) FROM notifications.notifications");
  assert.equal(all?.count, events.length, "no notification without an event");
}

/** Once, or refused for good; a repeat only where it is not known whether the try before arrived, and with the same Message-ID. */
function mailedOnce(world: World, event: z.infer<typeof Told>): void {
  const { outcomes, status } = event;
  const copies = world.mailbox
    .list(world.addressOf(event.user_id))
    .filter(({ messageId }) => messageId === event.message_id);
  const inDoubt = outcomes.filter((outcome) => outcome === "uncertain" || outcome === "lost").length;
  const sent = outcomes.filter((outcome) => outcome === "sent").length;
  assert(status === "sent" || (status === "failed" && event.permanent), `the mail ended as ${status}`);
  assert(!outcomes.includes(null), "no try is left open");
  // A try whose answer was lost with its Worker counts as lost, so that the mail was sent again.
  assert.equal(sent, status === "sent" ? 1 : 0, `tries: ${outcomes.join()}`);
  assert(
    copies.length >= sent && copies.length <= sent + inDoubt,
    `${copies.length} copies after ${outcomes.join()}`,
  );
  assert.equal(event.email_sent, sent, "email.sent once");
  assert(event.email_failed >= (status === "failed" ? 1 : 0), "email.failed where it failed");
  assert.equal(event.reported, status, "the notification knows what became of the mail");
}

/** Invariant 15: what came in was processed or is dead; the dead ones that could be mended are gone. */
async function onlyPoisonIsDead(world: World, played: Played): Promise<void> {
  const [open] = await world.rows(
    Count,
    "SELECT count(*) FROM events.dead_letters WHERE replayed_at IS NULL AND reason <> ''",
  );
  assert.equal(open?.count, played.poisons, "exactly the poison is dead, with a reason");
  const strangers = world.mailbox
    .list()
    .filter(({ to }) => !world.users.some((id) => to.includes(world.addressOf(id))));
  assert.equal(strangers.length, 0);
}

/** Invariant 10: however often and at once it was asked for, each alert is there once. */
async function alertsAreThereOnce(world: World, played: Played): Promise<void> {
  const rows = await world.rows(z.object({ id: z.string() }), "SELECT id FROM alerts.alerts ORDER BY id");
  assert.deepEqual(
    rows.map(({ id }) => id),
    played.alerts.map(({ id }) => id).toSorted(),
    "one alert for each that was asked for",
  );
}

const Line = z.looseObject({ level: z.string(), service: z.string(), requestId: z.string().min(1) });

/** Invariant 13, its second half: every line is ours and holds no secret and no address. */
function logsAreClean(world: World): void {
  for (const line of world.logs) {
    assert(Line.safeParse(JSON.parse(line)).success, `a log line without service or request id: ${line}`);
    assert.doesNotMatch(line, /@example\.com|postgres:\/\/|"password/);
  }
}

/** Holds the world, when a schedule has come to rest, to invariants 7, 8, 10, 13 and 15. */
export async function assertInvariants(world: World, played: Played): Promise<void> {
  await alertsAreThereOnce(world, played);
  await alertsFiredAsAllowed(world, played);
  await eachEventAppliedOnce(world);
  await onlyPoisonIsDead(world, played);
  logsAreClean(world);
}
