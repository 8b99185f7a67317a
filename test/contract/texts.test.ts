import { asOwner } from "@souk/db/operate/owner";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { allMails, mailsTo, mailTo, request } from "../http.ts";
import { logIn } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { expectDocumented } from "./answers.ts";
import { call } from "./call.ts";
import { OPERATIONS, resolve, type Operation } from "./document.ts";
import { ALERT, callerOf, newWorld, soundRequests, type World } from "./sound-requests.ts";

const Properties = z.record(z.string(), z.record(z.string(), z.unknown()));
const EVE = "eve@evil.example";
const CRLF = `Eve\r\nBcc: ${EVE}\r\n\r\nHi`;
const HTML = `<img src=x onerror=alert(1)>"'</p>`;
const SQL = ["'; DROP TABLE users.profiles; --", '" OR 1=1 --', "$1", "\\'; SELECT 1", "%' AND '1'='1"];

/** Fields of free text that may have lines: what is in them reaches no header. */
const LINES = ["bio", "clientId", "html", "note", "text"];
const CREDENTIALS = [
  "password",
  "currentPassword",
  "newPassword",
  "token",
  "refreshToken",
  "deviceToken",
  "challenge",
  "code",
];

let world: World;
beforeAll(async () => {
  world = await newWorld();
});

const textFields = OPERATIONS.flatMap((operation) =>
  Object.entries(Properties.parse(operation.body?.["properties"] ?? {})).flatMap(([name, field]) => {
    const schema = resolve(field);
    return [schema["type"]].flat().includes("string") && schema["enum"] === undefined
      ? [[operation.id, name, operation] as const]
      : [];
  }),
);

/** The operation's sound request with one text in place of another. */
function sendText(operation: Operation, name: string, text: string) {
  const { params = {}, body } = soundRequests(world)[operation.id] ?? {};
  const sent = JSON.stringify({ ...body, [name]: text });
  return call(operation, { ...callerOf(world, operation.access), params, body: sent });
}

describe("every text of every body", () => {
  it.each(textFields)("%s takes %s for data, never for SQL", async (_, name, operation) => {
    for (const text of SQL) {
      const answer = await sendText(operation, name, text);
      expectDocumented(operation, answer);
      expect(answer.status).toBeLessThan(500);
      const { [name]: stored } = z.record(z.string(), z.unknown()).parse(answer.json ?? {});
      // A new credential may be answered under the name of the one that was sent.
      if (answer.status < 300 && stored !== undefined && !CREDENTIALS.includes(name))
        expect(stored).toBe(text);
    }
  });

  it.each(textFields)(
    "%s takes no line break in %s where it could reach a header",
    async (_, name, operation) => {
      const answer = await sendText(operation, name, CRLF);
      expectDocumented(operation, answer);
      if (!LINES.includes(name) && !CREDENTIALS.includes(name)) expect(answer.status).toBe(400);
    },
  );

  it("leaves the tables where they are", async () => {
    const { databaseUrl } = await testPlatform();
    const { rows } = await asOwner(databaseUrl, (client) =>
      client.query("SELECT user_id FROM users.profiles"),
    );
    expect(rows.length).toBeGreaterThan(0);
  });
});

describe("texts of people in a mail", () => {
  it("are shown, and are neither HTML nor headers", async () => {
    const template = { method: "PUT", path: "/api/v1/emails/templates/welcome" };
    const { body: named } = soundRequests(world)["updateEmailTemplate"] ?? {};
    const token = world.admin.accessToken;
    expect((await call(template, { token, body: JSON.stringify(named) })).status).toBe(200);

    const email = `${crypto.randomUUID()}@example.com`;
    const password = `Pw1-${crypto.randomUUID()}`;
    const names = { firstName: HTML, lastName: HTML };
    const registered = await request("POST", "/api/v1/auth/register", {
      body: { email, password, ...names },
    });
    expect(registered.status).toBe(201);
    const verification = await mailTo(email, /confirm|verify/i);
    const link = /#token=([\w-]+)/.exec(verification.text)?.[1];
    await request("POST", "/api/v1/auth/verify-email", { body: { token: link } });
    const { accessToken } = await logIn(email, password);

    const alert = { ...ALERT, threshold: "1", note: `${CRLF}\r\n${HTML}\r\n{{{firstName}}}` };
    const made = await request("POST", "/api/v1/alerts", { token: accessToken, body: alert });
    expect(made.status).toBe(201);
    const { harness, prices } = await testPlatform();
    prices.tick();
    const scheduledTime = new Date(prices.state().at);
    await harness.getWorker("alerts").scheduled({ cron: "*/5 * * * *", scheduledTime });

    const triggered = await mailTo(email, /gold/i);
    const welcome = await mailTo(email, /welcome/i);
    for (const { html, text, subject } of [welcome, triggered]) {
      expect(html).not.toContain("<img src=x");
      expect(html).toContain("&lt;img src");
      expect(text).toContain(HTML);
      expect(subject).not.toMatch(/[\r\n]/);
    }
    expect(triggered.html).toContain("Bcc: ");
    expect(triggered.text).toContain("{{{firstName}}}");
    expect(await mailsTo(EVE)).toEqual([]);
    for (const { subject, from } of await allMails()) expect(subject + from).not.toContain(EVE);
  });
});

describe("a mail template", () => {
  it.each([
    ["subject", `Welcome\r\nBcc: ${EVE}`],
    ["subject", "{{{firstName}}}"],
    ["html", "<p>{{{firstName}}}</p>"],
    ["html", "<p>{{&firstName}}</p>"],
    ["html", "<script>alert(1)</script>{{firstName}}"],
    ["html", '<p title="{{firstName}}">x</p>'],
    ["html", "{{> other}}"],
    ["text", "{{#firstName}}{{constructor}}{{/firstName}}"],
  ])("may not have a %s of %j", async (field, bad) => {
    for (const [id, method, path] of [
      ["updateEmailTemplate", "PUT", ""],
      ["previewEmailTemplate", "POST", "/preview"],
    ] as const) {
      const { body } = soundRequests(world)[id] ?? {};
      const answer = await call(
        { method, path: `/api/v1/emails/templates/welcome${path}` },
        { token: world.admin.accessToken, body: JSON.stringify({ ...body, [field]: bad }) },
      );
      expect([answer.status, answer.json]).toMatchObject([
        400,
        { code: "validation_failed", details: expect.arrayContaining([expect.objectContaining({ field })]) },
      ]);
    }
  });
});

describe("what is not traded and was never quoted", () => {
  it.each([
    { metal: "XXX", currency: "USD" },
    { metal: "xau", currency: "USD" },
    { metal: "XAU", currency: "ZZZ" },
    { metal: "XAU", currency: "usd" },
    { metal: "XAU", currency: "$" },
    { metal: "XAG", currency: "USD", karat: "18" },
  ])("%j is refused", async (pair) => {
    for (const path of ["/api/v1/prices/current", "/api/v1/prices/history"])
      expect((await call({ method: "GET", path }, { query: pair })).status).toBe(400);
    const body = JSON.stringify({ ...ALERT, ...pair, ...("karat" in pair && { karat: Number(pair.karat) }) });
    const token = world.ada.accessToken;
    expect((await call({ method: "POST", path: "/api/v1/alerts" }, { token, body })).status).toBe(400);
  });

  it.each(["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])(
    "the time %s is refused",
    async (time) => {
      for (const name of ["from", "to"]) {
        const query = { metal: "XAU", currency: "USD", [name]: time };
        expect((await call({ method: "GET", path: "/api/v1/prices/history" }, { query })).status).toBe(400);
        const range = { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", [name]: time };
        const body = JSON.stringify({ subscriber: "users", ...range });
        const token = world.admin.accessToken;
        expect((await call({ method: "POST", path: "/api/v1/events/replays" }, { token, body })).status).toBe(
          400,
        );
      }
    },
  );
});
