import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { asOwner } from "@souk/db/operate/owner";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { PRICE_POLL } from "../../../local/cron/clock.ts";
import { type CrowdedPlatform, startCrowded } from "./crowded-platform.ts";
import type { Member } from "./crowd.ts";
import { workerdOf } from "./workerd-process.ts";

const SIZE = 100;
/** Acknowledged writes, in the middle of the others and of the mails. */
const KILLED_AFTER = 20;
/** Writes in flight at once: at most these are still acknowledged after the kill, from what the sockets hold. */
const IN_FLIGHT = 20;
const Alerts = z.object({ items: z.array(z.object({ id: z.string(), clientId: z.string().nullable() })) });
const Told = z.object({
  history: z.coerce.number(),
  notifications: z.coerce.number(),
  status: z.string().nullable(),
  message_id: z.string().nullable(),
  in_doubt: z.coerce.number(),
});
const Mails = z.object({ items: z.array(z.object({ messageId: z.string() })) });

let at: CrowdedPlatform;
let crowd: Member[];

const putAlert = (member: Member, clientId: string) =>
  at.call(member, "PUT", "/alerts", {
    clientId,
    metal: "XAU",
    currency: "USD",
    type: "above",
    threshold: "1",
    start: "now",
  });

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    if (await ask()) return;
    await wait(50);
  }
  throw new Error(`Not within 60 s: ${what}`);
}

async function mails() {
  return Mails.parse(await (await fetch(`${at.platform.inboxUrl}/api/messages`)).json()).items;
}

/** How each person has been told of the alert that fired before the kill. */
const told = () =>
  asOwner(at.platform.databaseUrl, async (client) => {
    const { rows } = await client.query<object>(
      `SELECT (SELECT count(*) FROM alerts.alert_history WHERE alert_id = a.id) AS history,
         (SELECT count(*) FROM notifications.notifications n WHERE n.data ->> 'alertId' = a.id::text) AS notifications,
         mail.status, mail.message_id,
         (SELECT count(*) FROM email.email_attempts WHERE email_id = mail.id AND outcome IN ('lost', 'uncertain')) AS in_doubt
       FROM alerts.alerts a LEFT JOIN events.log ON log.type = 'alert.triggered' AND log.aggregate_id = a.id::text
         LEFT JOIN email.email_logs mail ON mail.event_id = log.id
       WHERE a.client_id = 'before'`,
    );
    return z.array(Told).parse(rows);
  });

beforeAll(async () => {
  at = await startCrowded(SIZE);
  crowd = at.crowd;
}, 120_000);
afterAll(() => at.stop(), 30_000);

it(`workerd is killed with -9 while ${SIZE} users are served: what was acknowledged is there once, what fired is told once`, async () => {
  for (const member of crowd) expect((await putAlert(member, "before")).status).toBe(201);
  at.platform.prices.tick();
  const poll = () =>
    at.platform.fire({ ...PRICE_POLL, scheduledTime: new Date(at.platform.prices.state().at) });
  const polled = Promise.allSettled([poll()]);
  await until("some mails", async () => (await mails()).length > 5);
  const workerd = workerdOf(at.dir);
  const acknowledged = new Set<string>();
  const waiting = [...crowd];
  const written = Array.from({ length: IN_FLIGHT }, async () => {
    for (let member = waiting.pop(); member !== undefined; member = waiting.pop()) {
      const { status } = await putAlert(member, "during");
      if (status === 201 && acknowledged.add(member.id).size === KILLED_AFTER)
        process.kill(workerd, "SIGKILL");
    }
  });
  await Promise.allSettled([polled, ...written]);
  expect(acknowledged.size).toBeGreaterThanOrEqual(KILLED_AFTER);
  expect(acknowledged.size).toBeLessThan(SIZE);

  await at.restart();

  for (const member of crowd) {
    const { status } = await putAlert(member, "during");
    expect(status, "an acknowledged write is there").toBe(acknowledged.has(member.id) ? 200 : status);
    const { items } = Alerts.parse((await at.call(member, "GET", "/alerts")).json);
    expect(items.map(({ clientId }) => clientId)).toEqual(["during", "before"]);
  }

  // Claims of the dead run out. Queues of this machine live in workerd's memory: what was on them comes again from the log.
  await asOwner(at.platform.databaseUrl, async (client) => {
    await client.query("UPDATE events.log SET claimed_until = now() WHERE sent_at IS NULL");
    await client.query("UPDATE email.email_logs SET claimed_until = now() WHERE claimed_until IS NOT NULL");
  });
  await poll();
  await at.platform.fire({ worker: "events", cron: "* * * * *", scheduledTime: new Date() });
  const [admin] = crowd;
  if (admin === undefined) throw new Error("a crowd was expected");
  const range = {
    from: new Date(Date.now() - 3_600_000).toISOString(),
    to: new Date(Date.now() + 3_600_000).toISOString(),
  };
  for (const subscriber of ["notifications", "email-bulk"])
    expect((await at.call(admin, "POST", "/events/replays", { subscriber, ...range })).status).toBe(201);

  await until("every mail and notification", async () =>
    (await told()).every(({ status, notifications }) => status === "sent" && notifications > 0),
  );
  const all = await told();
  expect(all).toHaveLength(SIZE);
  const arrived = await mails();
  for (const { history, notifications, message_id, in_doubt } of all) {
    expect({ history, notifications }).toEqual({ history: 1, notifications: 1 });
    const copies = arrived.filter(({ messageId }) => messageId === message_id).length;
    expect(copies, `${in_doubt} tries in doubt`).toBeGreaterThanOrEqual(1);
    expect(copies).toBeLessThanOrEqual(1 + in_doubt);
  }
  expect(readFileSync(join(at.dir, "wrangler.log"), "utf8")).toContain('"message":"log replayed"');
}, 180_000);
