import { asOwner } from "@souk/db/operate/owner";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually, mailTo, request } from "./http.ts";
import { logIn, newAdmin, newPerson, type Person } from "./person.ts";
import { testPlatform } from "./platform.ts";

/** What may still name an erased person, by id alone: the log, which never changes, and the report. */
const STAYS = ["auth.erasures", "events.log"];

const DAY_MS = 86_400_000;
const Tables = z.array(z.object({ name: z.string() }));
const Hits = z.array(z.object({ count: z.coerce.number() }));
const Report = z.object({
  finishedAt: z.string().nullable(),
  services: z.record(z.string(), z.record(z.string(), z.number())),
});

const Copy = z.object({ status: z.string(), data: z.unknown() });
/** A person's copy of their data before they leave. */
const WHAT_IS_HELD = {
  auth: { users: [{ firstName: "Ada" }] },
  users: { profiles: [{ bio: "Looks for gold" }], preferences: [{ notifications: false }] },
  alerts: { alerts: [{ note: "Sell" }], alert_history: [] },
  notifications: {
    notifications: [{ type: "user.registered" }],
    notification_preferences: [{ push: false }],
  },
  email: { email_logs: expect.arrayContaining([expect.objectContaining({ template: "verify-email" })]) },
};

/** The tables, of every schema, that hold a row in which the text stands anywhere. */
async function tablesWith(text: string): Promise<string[]> {
  const { databaseUrl } = await testPlatform();
  return asOwner(databaseUrl, async (client) => {
    const tables = await client.query<object>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    );
    const found: string[] = [];
    for (const { name } of Tables.parse(tables.rows)) {
      const hits = await client.query<object>(
        `SELECT count(*) FROM ${name} AS stored WHERE strpos(stored::text, $1) > 0`,
        [text],
      );
      if (Hits.parse(hits.rows)[0]?.count !== 0) found.push(name);
    }
    return found;
  });
}

const cron = async (worker: string, expression: string, at = new Date()): Promise<void> => {
  const { harness } = await testPlatform();
  await harness.getWorker(worker).scheduled({ cron: expression, scheduledTime: at });
};

let admin: Person;
beforeAll(async () => {
  admin = await newAdmin();
  await request("GET", "/api/v1/users/me", { token: admin.accessToken });
});

/** Has the account deleted as its owner, with something of theirs in every service. */
async function leaving(): Promise<Person> {
  const person = await newPerson();
  const { accessToken: token, password } = person;
  const answers = await Promise.all([
    request("PUT", "/api/v1/users/me", { token, body: { bio: "Looks for gold" } }),
    request("PUT", "/api/v1/users/me/preferences", { token, body: { notifications: false } }),
    request("POST", "/api/v1/alerts", {
      token,
      headers: { "idempotency-key": crypto.randomUUID() },
      body: { metal: "XAU", currency: "USD", type: "above", threshold: "900000", note: "Sell" },
    }),
    request("PUT", "/api/v1/notifications/preferences", { token, body: { push: false } }),
    request("POST", `/api/v1/users/me/following/${admin.id}`, { token }),
    request("POST", `/api/v1/users/me/friend-requests/${admin.id}`, { token }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 201, 200, 200, 200]);
  expect((await request("POST", "/api/v1/auth/export", { token, body: { password } })).status).toBe(202);
  const held = await eventually("the copy of their data", async () => {
    const copy = Copy.parse((await request("GET", "/api/v1/auth/export", { token })).json);
    return copy.status === "ready" ? copy : undefined;
  });
  expect(held.data).toMatchObject(WHAT_IS_HELD);
  const left = await request("DELETE", "/api/v1/auth/account", { token, body: { password } });
  expect([left.status, left.json]).toMatchObject([200, { status: "deleting" }]);
  await Promise.all([mailTo(person.email, /welcome/i), mailTo(person.email, /will be deleted/)]);
  return person;
}

const reportOf = ({ id }: Person) =>
  request("GET", `/api/v1/auth/erasures/${id}`, { token: admin.accessToken });

describe("a person who has their account deleted", () => {
  it("is erased in every service when the grace is over, and the report says so", async () => {
    const person = await leaving();
    expect(await tablesWith(person.id)).toEqual(
      expect.arrayContaining([
        "alerts.alerts",
        "alerts.idempotency_keys",
        "auth.users",
        "email.email_logs",
        "notifications.notification_preferences",
        "notifications.notifications",
        "users.follows",
        "users.friendships",
        "users.preferences",
        "users.profiles",
      ]),
    );
    await cron("auth", "17 * * * *", new Date(Date.now() + 13 * DAY_MS));
    expect((await reportOf(person)).status).toBe(404);

    await cron("auth", "17 * * * *", new Date(Date.now() + 15 * DAY_MS));
    const report = await eventually("the end of the erasure", async () => {
      await cron("events", "* * * * *");
      const read = Report.parse((await reportOf(person)).json);
      return read.finishedAt === null ? undefined : read;
    });
    expect(report.services).toMatchObject({
      users: { profiles: 1, preferences: 1, follows: 1, friendships: 1 },
      alerts: { alerts: 1, alert_history: 0, idempotency_keys: 1 },
      // Their own, and the two that the admin was told of them.
      notifications: { notifications: 3, notification_preferences: 1 },
      email: { email_logs: 3, email_attempts: 3 },
      chat: { members: 0, messages: 0, reports: 0 },
    });
    expect(await tablesWith(person.id)).toEqual(STAYS);
    expect(await tablesWith(person.email)).toEqual([]);
    const again = await request("POST", "/api/v1/auth/login", {
      body: { email: person.email, password: person.password },
    });
    expect(again.status).toBe(401);
  });

  it("stays with everything when they log in before", async () => {
    const person = await leaving();
    const { accessToken: token } = await logIn(person.email, person.password);
    await cron("auth", "17 * * * *", new Date(Date.now() + 15 * DAY_MS));
    expect((await reportOf(person)).status).toBe(404);
    const profile = await request("GET", "/api/v1/users/me", { token });
    expect(profile.json).toMatchObject({ bio: "Looks for gold" });
  });
});
