import { asOwner } from "@souk/db/operate/owner";
import { z } from "zod";
import { eventually, mailsTo, request, type Mail } from "../http.ts";
import { newPerson, type Person } from "../person.ts";
import { testPlatform } from "../platform.ts";

const Items = z.object({ items: z.array(z.looseObject({ id: z.string(), type: z.string().optional() })) });
const AboutAlert = z.looseObject({ data: z.looseObject({ alertId: z.string() }) });
const EmailRow = z.object({
  id: z.string(),
  status: z.string(),
  message_id: z.string(),
  outcomes: z.array(z.string().nullable()),
});

/** Runs a statement as the database's owner. */
export async function query(text: string, values: unknown[] = []): Promise<unknown[]> {
  const { databaseUrl } = await testPlatform();
  return asOwner(databaseUrl, async (client) => (await client.query<object>(text, values)).rows);
}

let logStart = 0;

/** From now on `logLines` sees only what comes. */
export async function passOverLogs(): Promise<void> {
  logStart = (await testPlatform()).harness.getLogs().length;
}

/** The log lines so far that hold each of the texts. */
export async function logLines(...texts: string[]): Promise<string[]> {
  const { harness } = await testPlatform();
  return harness
    .getLogs()
    .slice(logStart)
    .map(({ message }) => message)
    .filter((line) => texts.every((text) => line.includes(text)));
}

/** Fires the poll as the platform would, by default at the time of the source's present month. */
export async function poll(at?: Date): Promise<void> {
  const { harness, prices } = await testPlatform();
  await harness
    .getWorker("alerts")
    .scheduled({ cron: "*/5 * * * *", scheduledTime: at ?? new Date(prices.state().at) });
}

/** One month further in the price series, polled. */
export async function tick(): Promise<void> {
  const { prices } = await testPlatform();
  if (prices.tick() === undefined) throw new Error("The price series has ended");
  await poll();
}

/** Fires the minute sweep. */
export async function sweep(): Promise<void> {
  const { harness } = await testPlatform();
  await harness.getWorker("events").scheduled({ cron: "* * * * *", scheduledTime: new Date() });
}

/** A person with one alert that fires at the next price. */
export interface Watcher {
  person: Person;
  alertId: string;
}

/** Sets an alert of a person, by default a new one, that fires at the next price. */
export async function newWatcher(person?: Person): Promise<Watcher> {
  const owner = person ?? (await newPerson());
  const { status, json, text } = await request("POST", "/api/v1/alerts", {
    token: owner.accessToken,
    body: { metal: "XAU", currency: "USD", type: "above", threshold: "1", start: "now" },
  });
  if (status !== 201) throw new Error(`the alert was answered ${status}: ${text}`);
  return { person: owner, alertId: z.object({ id: z.uuid() }).parse(json).id };
}

/** How often the alert has fired, as its owner sees it. */
export async function timesFired({ person, alertId }: Watcher): Promise<number> {
  const { json } = await request("GET", `/api/v1/alerts/${alertId}/history`, { token: person.accessToken });
  return Items.parse(json).items.length;
}

/** How many notifications tell of the alert. */
export async function notificationsOf({ person, alertId }: Watcher): Promise<number> {
  const path = "/api/v1/notifications?limit=100";
  const { items } = Items.parse((await request("GET", path, { token: person.accessToken })).json);
  return items.filter((item) => AboutAlert.safeParse(item).data?.data.alertId === alertId).length;
}

/** What the database knows of the alert's mail; undefined before it is asked for. */
export async function emailOf({ alertId }: Watcher): Promise<z.infer<typeof EmailRow> | undefined> {
  const rows = await query(
    `SELECT mail.id, mail.status, mail.message_id,
       ARRAY(SELECT outcome FROM email.email_attempts WHERE email_id = mail.id ORDER BY started_at) AS outcomes
     FROM events.log JOIN email.email_logs mail ON mail.event_id = log.id
     WHERE log.type = 'alert.triggered' AND log.aggregate_id = $1`,
    [alertId],
  );
  return z.array(EmailRow).max(1).parse(rows)[0];
}

/** The copies of the alert's mail that its owner has received. */
export async function copiesOf(watcher: Watcher): Promise<Mail[]> {
  const email = await emailOf(watcher);
  return (await mailsTo(watcher.person.email)).filter(({ messageId }) => messageId === email?.message_id);
}

/** Waits until the alert's mail has been tried with this outcome. */
export const tried = (watcher: Watcher, outcome: string) =>
  eventually(`a try that is ${outcome}`, async () => {
    const email = await emailOf(watcher);
    return email?.outcomes.includes(outcome) ? email : undefined;
  });

/** Waits until the alert's mail has this status. */
export const mailed = (watcher: Watcher, status = "sent") =>
  eventually(`a mail that is ${status}`, async () => {
    const email = await emailOf(watcher);
    return email?.status === status ? email : undefined;
  });

interface Told {
  history: number;
  notifications: number;
  mails: number;
}

/**
 * Waits until each alert has been told, and gives how often: history rows, notifications, mails received.
 * What is once there is read when a later event has passed through the same queues, so a second one would be seen.
 */
export async function toldAll(watchers: Watcher[]): Promise<Told[]> {
  const wait = async (watcher: Watcher) => {
    await mailed(watcher);
    await eventually("the notification", async () => (await notificationsOf(watcher)) > 0 || undefined);
  };
  for (const watcher of watchers) await wait(watcher);
  const later = await newWatcher(watchers[0]?.person);
  await tick();
  await wait(later);
  return Promise.all(
    watchers.map(async (watcher) => ({
      history: await timesFired(watcher),
      notifications: await notificationsOf(watcher),
      mails: (await copiesOf(watcher)).length,
    })),
  );
}

/** The same for one alert. */
export async function told(watcher: Watcher): Promise<Told | undefined> {
  return (await toldAll([watcher]))[0];
}

export const ONCE: Told = { history: 1, notifications: 1, mails: 1 };
