import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { workerEnvironment } from "../../local/environment.ts";
import { freshDatabase } from "../fresh-database.ts";
import { eventually, request } from "../http.ts";
import { newAdmin, newPerson, type Person } from "../person.ts";
import { startWorkers, testPlatform, type TestPlatform } from "../platform.ts";
import { rememberedSecrets } from "../remembered-secrets.ts";
import { findings } from "./findings.ts";
import { poll } from "./poll.ts";
import { runCommand } from "./run-command.ts";

const Items = z.object({ items: z.array(z.object({ id: z.string() })) });

let platform: TestPlatform;
let admin: Person;
let person: Person;
let restoredUrl: string;
let workers: Awaited<ReturnType<typeof startWorkers>>;

/** As the runbook says: a backup of the running platform, a new database filled from it, and the Workers pointed there. */
beforeAll(async () => {
  platform = await testPlatform();
  person = await newPerson();
  admin = await newAdmin();
  await poll(platform);
  await request("POST", "/api/v1/alerts", {
    token: person.accessToken,
    body: { metal: "XAU", currency: "USD", type: "above", threshold: "90000" },
  });
  await eventually("an event log in which nothing waits", async () => {
    const found = await findings(platform.url, admin, platform.databaseUrl);
    return /nothing waits/.test(found.get("event log")?.says ?? "") || undefined;
  });
  const folder = join(inject("scratch"), `backup-${crypto.randomUUID()}`);
  const backup = await runCommand("packages/db/cli.ts", ["backup", folder], {
    OWNER_DATABASE_URL: platform.databaseUrl,
  });
  expect(backup).toMatchObject({ code: 0, output: expect.stringMatching(/\d+ tables, \d+ rows/) });
  restoredUrl = await freshDatabase(false);
  const restored = await runCommand("packages/db/cli.ts", ["restore", folder], {
    OWNER_DATABASE_URL: restoredUrl,
  });
  expect(restored).toMatchObject({ code: 0, output: expect.stringContaining("Restored") });
  workers = await startWorkers(
    workerEnvironment(
      {
        neonUrl: platform.neon.url,
        databaseUrl: (username, password) => Object.assign(new URL(restoredUrl), { username, password }).href,
        smtpPort: platform.mail.smtpPort,
        pricesUrl: platform.prices.url,
        publicUrl: "http://souk.test",
      },
      platform.secrets,
    ),
  );
});
afterAll(() => workers.harness.close());

const call = async (method: string, path: string, init: { token?: string; body?: unknown }) => {
  const response = await fetch(new URL(path, workers.url), {
    method,
    headers: {
      "content-type": "application/json",
      ...(init.token !== undefined && { authorization: `Bearer ${init.token}` }),
    },
    ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
  });
  return { status: response.status, json: (await response.json()) as unknown };
};

describe("a platform over a restored backup", () => {
  it("knows its people by their passwords, and what they own", async () => {
    const { email, password } = person;
    const loggedIn = await call("POST", "/api/v1/auth/login", { body: { email, password } });
    expect(loggedIn.status).toBe(200);
    const tokens = z.object({ accessToken: z.string(), refreshToken: z.string() }).parse(loggedIn.json);
    for (const secret of Object.values(tokens)) rememberedSecrets.add(secret);
    const alerts = await call("GET", "/api/v1/alerts", { token: tokens.accessToken });
    expect(Items.parse(alerts.json).items).toHaveLength(1);
    const inbox = await call("GET", "/api/v1/notifications", { token: tokens.accessToken });
    expect(Items.parse(inbox.json).items.length).toBeGreaterThan(0);
  });

  it("keeps sessions that were open when the backup was made", async () => {
    const refreshed = await call("POST", "/api/v1/auth/refresh", {
      body: { refreshToken: person.refreshToken },
    });
    expect(refreshed.status).toBe(200);
    const tokens = z.object({ accessToken: z.string(), refreshToken: z.string() }).parse(refreshed.json);
    for (const secret of Object.values(tokens)) rememberedSecrets.add(secret);
  });

  it("is sound, says the doctor", async () => {
    const found = await findings(workers.url.origin, admin, restoredUrl);
    expect([...found.values()].filter(({ state }) => state !== "well")).toEqual([]);
  });
});
