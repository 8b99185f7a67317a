import { env, exports } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { emailTemplates } from "@souk/db/schema/email";
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { deliver, deliveryOf, newId, recordOf } from "../../test/deliver.ts";
import { inboxAt } from "../../test/inbox.ts";
import { Env } from "../env.ts";
import { EmailPage, EmailPreview, EmailTemplate, EmailTemplatePage, EmailWithAttempts } from "../schemas.ts";
import { TEMPLATE_NAMES } from "../templates/catalogue.ts";
import { forgetTemplates, newestTemplate } from "../templates/newest-template.ts";

const { sound } = inject("mail");
Object.assign(env, { SMTP_PORT: String(sound.port) });
const { mailsTo } = inboxAt(sound.inbox);

const adminId = newId();
const as = (role: "user" | "admin" | null) => ({
  "content-type": "application/json",
  ...(role !== null && {
    [ACTOR_HEADER]: encodeActor({ userId: adminId, email: "a@example.com", role, sessionId: adminId }),
  }),
});
const call = (method: string, path: string, body?: unknown, role: "user" | "admin" | null = "admin") =>
  exports.default.fetch(`https://souk.test/api/v1/emails${path}`, {
    method,
    headers: as(role),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const read = async <S extends z.ZodType>(schema: S, response: Response): Promise<z.output<S>> => {
  expect(response.status).toBe(200);
  return schema.parse(await response.json());
};
const problem = async (response: Response) => ({
  status: response.status,
  ...z
    .object({
      code: z.string(),
      details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    })
    .parse(await response.json()),
});

const welcome = (words: string) => ({
  subject: `${words}, {{firstName}}`,
  html: `<h1>${words}</h1><p>Hello {{firstName}}</p>`,
  text: `${words}\n\nHello {{firstName}}`,
});

const ROUTES: [method: string, path: string, body?: unknown][] = [
  ["GET", ""],
  ["GET", `/${newId()}`],
  ["GET", "/templates"],
  ["GET", "/templates/welcome"],
  ["PUT", "/templates/welcome", welcome("x")],
  ["POST", "/templates/welcome/preview", {}],
];

it.each(ROUTES)("%s /api/v1/emails%s is for admins", async (method, path, body) => {
  expect((await call(method, path, body, null)).status).toBe(401);
  expect((await call(method, path, body, "user")).status).toBe(403);
});

describe("tracking", () => {
  it("lists mails newest first, by person and status, page by page", async () => {
    const userId = newId();
    const other = newId();
    const deliveries = [
      deliveryOf("user.registered", { userId }),
      deliveryOf("password.reset_requested", { userId }),
      deliveryOf("user.registered", { userId: other }),
    ];
    for (const delivery of deliveries) expect(await deliver(delivery)).toBe("acknowledged");

    const first = await read(EmailPage, await call("GET", `?userId=${userId}&limit=1`));
    expect(first.items).toMatchObject([
      {
        template: "reset-password",
        status: "sent",
        attemptCount: 1,
        recipient: `user-${userId}@example.com`,
      },
    ]);
    const second = await read(
      EmailPage,
      await call("GET", `?userId=${userId}&limit=1&cursor=${first.nextCursor}`),
    );
    expect(second).toMatchObject({ items: [{ template: "verify-email" }], nextCursor: null });
    expect((await read(EmailPage, await call("GET", `?userId=${userId}&status=failed`))).items).toEqual([]);
    const all = await read(EmailPage, await call("GET", "?status=sent&limit=100"));
    expect(new Set(all.items.map((mail) => mail.userId))).toEqual(new Set([userId, other]));
  });

  it("shows a mail with its attempts", async () => {
    const delivery = deliveryOf("user.registered", { userId: newId() });
    await deliver(delivery);
    const { mail } = await recordOf(delivery);
    const shown = await read(EmailWithAttempts, await call("GET", `/${mail.id}`));
    expect(shown).toMatchObject({
      id: mail.id,
      eventId: delivery.event.id,
      attempts: [{ outcome: "sent", responseCode: 250 }],
    });
    expect(shown).not.toHaveProperty("claimedUntil");
  });

  it("refuses what makes no sense", async () => {
    expect(await problem(await call("GET", `/${newId()}`))).toMatchObject({ status: 404, code: "not_found" });
    expect(await problem(await call("GET", "/nothing"))).toMatchObject({
      status: 400,
      code: "validation_failed",
    });
    expect(await problem(await call("GET", "?cursor=rubbish"))).toMatchObject({
      status: 400,
      code: "invalid_cursor",
    });
    expect(await problem(await call("GET", "?status=lost"))).toMatchObject({
      status: 400,
      code: "validation_failed",
    });
  });
});

describe("templates", () => {
  it("are listed and read, built in at first", async () => {
    const { items, nextCursor } = await read(EmailTemplatePage, await call("GET", "/templates"));
    expect(items.map(({ name }) => name)).toEqual(TEMPLATE_NAMES);
    expect(nextCursor).toBeNull();
    expect(await read(EmailTemplate, await call("GET", "/templates/verify-email"))).toMatchObject({
      name: "verify-email",
      version: 1,
      variables: ["url"],
      required: ["url"],
      createdBy: null,
      createdAt: null,
    });
  });

  it("get a new version, and the next mail is made of it", async () => {
    const before = newId();
    await deliver(deliveryOf("user.verified", { userId: before }));
    expect(await read(EmailTemplate, await call("PUT", "/templates/welcome", welcome("Ahoy")))).toMatchObject(
      { version: 2, createdBy: adminId },
    );
    expect(await read(EmailTemplate, await call("PUT", "/templates/welcome", welcome("Moin")))).toMatchObject(
      { version: 3 },
    );
    expect(await read(EmailTemplate, await call("GET", "/templates/welcome"))).toMatchObject({
      version: 3,
      ...welcome("Moin"),
    });

    const userId = newId();
    const delivery = deliveryOf("user.verified", { userId });
    await deliver(delivery);
    const [mail] = await mailsTo(`user-${userId}@example.com`);
    expect(mail).toMatchObject({ subject: "Moin, Ada" });
    expect(mail?.text).toContain("Hello Ada");
    expect((await recordOf(delivery)).mail.templateVersion).toBe(3);
  });

  it("get one version from each of many admins at once, or a conflict", async () => {
    const change = {
      ...welcome("Again"),
      html: '<a href="{{resetUrl}}">x</a>{{firstName}}{{resetUrl}}',
      text: "{{resetUrl}}",
    };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call("PUT", "/templates/address-already-known", change)),
    );
    const versions: number[] = [];
    for (const answer of answers) {
      if (answer.status === 200) versions.push((await read(EmailTemplate, answer)).version);
      else expect(await problem(answer)).toMatchObject({ status: 409, code: "conflict" });
    }
    expect(versions.toSorted((a, b) => a - b)).toEqual(versions.map((_, index) => index + 2));
  });

  it("refuse what would break mails", async () => {
    const bad = { subject: "{{name}}", html: "{{{firstName}}}", text: "{{>x}}" };
    for (const answer of [
      await call("PUT", "/templates/welcome", bad),
      await call("POST", "/templates/welcome/preview", bad),
    ]) {
      const { status, code, details } = await problem(answer);
      expect({ status, code }).toEqual({ status: 400, code: "validation_failed" });
      expect(details?.map(({ field }) => field)).toEqual(["subject", "html", "text"]);
    }
    expect((await call("PUT", "/templates/welcome", { ...welcome("x"), extra: 1 })).status).toBe(400);
    expect((await call("PUT", "/templates/welcome", { subject: "x" })).status).toBe(400);
    expect((await call("GET", "/templates/other")).status).toBe(400);
  });

  it("are previewed with sample data, as drafts too, and nothing is stored", async () => {
    const shown = await read(EmailPreview, await call("POST", "/templates/reset-password/preview", {}));
    expect(shown.text).toContain("https://souk.example/reset-password#token=sample");
    const draft = await read(
      EmailPreview,
      await call("POST", "/templates/reset-password/preview", { subject: "For {{firstName}}" }),
    );
    expect(draft).toEqual({ ...shown, subject: "For Ada" });
    expect(await read(EmailTemplate, await call("GET", "/templates/reset-password"))).toMatchObject({
      version: 1,
    });
  });

  it("are read again after a minute, and one that no longer fits gives way to the built-in", async () => {
    let now = Date.now();
    const context = createContext(parseEnv(Env, env), {
      service: "email",
      waitUntil: () => {},
      now: () => new Date(now),
    });
    forgetTemplates();
    expect(await newestTemplate(context, "password-changed")).toMatchObject({ version: 1 });
    const row = { name: "password-changed", subject: "s", createdBy: adminId };
    const fits = { html: '<a href="{{resetUrl}}">{{resetUrl}}</a>', text: "{{resetUrl}}" };
    await ownerDatabase()
      .insert(emailTemplates)
      .values({ id: newId(), version: 2, ...row, ...fits });
    expect(await newestTemplate(context, "password-changed")).toMatchObject({ version: 1 });
    now += 60_000;
    expect(await newestTemplate(context, "password-changed")).toMatchObject({ version: 2 });
    await ownerDatabase()
      .insert(emailTemplates)
      .values({ id: newId(), version: 3, ...row, html: "{{gone}}", text: "x" });
    now += 60_000;
    expect(await newestTemplate(context, "password-changed")).toMatchObject({ version: 1 });
  });
});
