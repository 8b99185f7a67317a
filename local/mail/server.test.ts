import { mkdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { freePort } from "../free-port.ts";
import { type Mail, startMail } from "./server.ts";

const dir = join(import.meta.dirname, `../../.local/mail-test-${process.pid}`);
let mail: Mail;

beforeAll(async () => {
  mkdirSync(dir, { recursive: true });
  mail = await startMail({ dir });
});
afterAll(async () => {
  await mail.close();
  rmSync(dir, { recursive: true, force: true });
});

const listSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      from: z.string(),
      to: z.array(z.string()),
      subject: z.string(),
      messageId: z.string(),
      receivedAt: z.iso.datetime(),
      text: z.string(),
      html: z.string(),
      headers: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
  ),
});
async function inbox(to: string) {
  const response = await fetch(`${mail.url}/api/messages?to=${encodeURIComponent(to)}`);
  return listSchema.parse(await response.json()).items;
}

async function send(message: {
  to: string;
  bcc?: string;
  subject?: string;
  text?: string;
  html?: string;
  headers?: Record<string, string>;
}) {
  const timeouts = { connectionTimeout: 2000, greetingTimeout: 500, socketTimeout: 500 };
  const transport = createTransport({
    host: "127.0.0.1",
    port: mail.smtpPort,
    secure: false,
    ignoreTLS: true,
    ...timeouts,
  });
  try {
    await transport.sendMail({ from: "Souk <souk@example.com>", subject: "s", text: "t", ...message });
  } finally {
    transport.close();
  }
}

async function setFault(fault: unknown): Promise<number> {
  return (await fetch(`${mail.url}/api/faults`, { method: "PUT", body: JSON.stringify(fault) })).status;
}

it("keeps a mail with its envelope, and shows it to each recipient", async () => {
  await send({
    to: "Ada <ada@example.com>",
    bcc: "bcc@example.com",
    subject: "Grüße ≥ 1000",
    text: "line",
    html: "<b>ü</b>",
    headers: { "Delivered-To": "fake@example.com", "X-Event": "e1" },
  });
  const [message] = await inbox("ADA@example.com");
  expect(message).toMatchObject({
    from: "souk@example.com",
    to: ["ada@example.com", "bcc@example.com"],
    subject: "Grüße ≥ 1000",
    html: "<b>ü</b>\n",
  });
  expect(message?.text.trim()).toBe("line");
  expect(message?.headers).toContainEqual({ name: "X-Event", value: "e1" });
  expect(message?.messageId).toMatch(/^<.+@.+>$/);
  expect(await inbox("bcc@example.com")).toEqual([message]);
  expect(await inbox("fake@example.com")).toEqual([]);
});

it("shows a hostile mail harmlessly", async () => {
  await send({
    to: "xss@example.com",
    subject: `<script>alert("s")</script>`,
    text: "<img src=x>",
    html: `<p title='"'>hi</p>"></iframe><script>alert(1)</script>`,
  });
  const [message] = await inbox("xss@example.com");
  const list = await (await fetch(mail.url)).text();
  expect(list).toContain("&lt;script&gt;");
  expect(list).not.toContain("<script");
  const response = await fetch(`${mail.url}/messages/${message?.id}`);
  const page = await response.text();
  expect(page).toMatch(/<iframe\s+sandbox="allow-popups allow-popups-to-escape-sandbox"/);
  expect(page).not.toContain("<script");
  expect(page.match(/<\/iframe>/g)).toHaveLength(1);
  expect(page).not.toContain("<img");
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
});

it("keeps mails over a restart, in order, and forgets them when told", async () => {
  await send({ to: "order@example.com", subject: "first" });
  await send({ to: "order@example.com", subject: "second" });
  const before = await inbox("order@example.com");
  await mail.close();
  mail = await startMail({ dir });
  expect(await inbox("order@example.com")).toEqual(before);
  expect(before.map(({ subject }) => subject)).toEqual(["second", "first"]);
  expect((await fetch(`${mail.url}/api/messages`, { method: "DELETE" })).status).toBe(204);
  await mail.close();
  mail = await startMail({ dir });
  expect(await inbox("order@example.com")).toEqual([]);
});

it.each([
  ["refuse", { code: "ECONNECTION" }, 0],
  ["late-greeting", { code: "ETIMEDOUT" }, 0],
  ["reject-recipient", { responseCode: 550 }, 0],
  ["temporary-failure", { responseCode: 451 }, 0],
  ["stall", { code: "ETIMEDOUT" }, 0],
  ["drop-during-data", { code: "ECONNECTION" }, 0],
  ["drop-after-data", { code: "ECONNECTION" }, 1],
])("fault %s is what the sender meets", async (mode, error, kept) => {
  expect(await setFault({ mode })).toBe(200);
  await expect(send({ to: `${mode}@example.com` })).rejects.toMatchObject(error);
  expect(await inbox(`${mode}@example.com`)).toHaveLength(kept);
  expect(await setFault({ mode: "none" })).toBe(200);
  await send({ to: `${mode}@example.com` });
  expect(await inbox(`${mode}@example.com`)).toHaveLength(kept + 1);
});

it("refuses one recipient of several", async () => {
  await setFault({ mode: "reject-recipient", to: "bob@example.com" });
  await expect(send({ to: "bob@example.com" })).rejects.toMatchObject({ responseCode: 550 });
  await send({ to: "carol@example.com" });
  await setFault({ mode: "none" });
  expect(await inbox("carol@example.com")).toHaveLength(1);
});

it("a greeting that is late but in time is fine, an unknown fault is refused", async () => {
  await setFault({ mode: "late-greeting", delayMs: 100 });
  await send({ to: "late@example.com" });
  await setFault({ mode: "none" });
  expect(await inbox("late@example.com")).toHaveLength(1);
  expect(await setFault({ mode: "explode" })).toBe(400);
  expect(await setFault("{")).toBe(400);
});

it("survives a client that breaks off and one that talks nonsense", async () => {
  for (const bytes of [
    "EHLO x\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nhalf",
    "\0\xff\r\n".repeat(50),
  ]) {
    const socket = connect(mail.smtpPort, "127.0.0.1");
    await new Promise((resolve) => socket.once("data", resolve));
    await new Promise((resolve) => socket.write(bytes, resolve));
    socket.destroy();
  }
  await send({ to: "after@example.com" });
  expect(await inbox("after@example.com")).toHaveLength(1);
});

it("answers only to a host name of this machine, and says which port is taken", async () => {
  const socket = connect(Number(new URL(mail.url).port), "127.0.0.1");
  socket.write("GET /api/messages HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n");
  const answer = await new Promise((resolve) => socket.once("data", (data) => resolve(data.toString())));
  expect(answer).toMatch(/^HTTP\/1.1 421/);
  await expect(startMail({ dir, smtpPort: mail.smtpPort })).rejects.toThrow(
    /Port \d+ for the mail server.*SOUK_PORT_SMTP/,
  );
  const smtpPort = await freePort();
  await expect(startMail({ dir, smtpPort, inboxPort: Number(new URL(mail.url).port) })).rejects.toThrow(
    /Port \d+ for the inbox.*SOUK_PORT_INBOX/,
  );
  await (await startMail({ dir, smtpPort })).close();
});
