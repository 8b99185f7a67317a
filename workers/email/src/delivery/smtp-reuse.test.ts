import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { deliveryOf, newId } from "../../test/deliver.ts";
import worker from "../index.ts";
import { smtpMailer, type SmtpSettings } from "./smtp.ts";

const { moody } = inject("mail");
const settings: SmtpSettings = {
  SMTP_HOST: "127.0.0.1",
  SMTP_PORT: moody.port,
  SMTP_TLS: "none",
  SMTP_USER: "",
  SMTP_PASSWORD: "",
  MAIL_FROM: { name: "Souk", address: "no-reply@souk.test", domain: "souk.test" },
};
const someMail = (mood: string) => ({
  messageId: `<${crypto.randomUUID()}@souk.test>`,
  to: { name: "Ada", address: `${mood}-${crypto.randomUUID()}@example.com` },
  subject: "Gold",
  html: "<p>Gold</p>",
  text: "Gold",
});
const Told = z.object({
  mails: z.array(z.object({ to: z.string(), connection: z.int() })),
  open: z.int(),
});
const told = async (init?: RequestInit) => Told.parse(await (await fetch(moody.url, init)).json());
/** Refuses so many greetings. */
const bearGrudge = (times: number) => told({ method: "PUT", body: String(times) });

/**
 * Sends mails one after the other through one mailer, each to a receiver of that mood.
 * @returns each one's outcome, and the connections that took it, counted from this mailer's first
 */
async function sendAll(...moods: string[]) {
  const mailer = smtpMailer(settings);
  const mails = moods.map(someMail);
  const outcomes: unknown[] = [];
  for (const mail of mails) {
    const { outcome, responseCode } = await mailer.send(mail);
    outcomes.push(responseCode === null ? outcome : `${outcome} ${responseCode}`);
  }
  mailer.close();
  const kept = (await told()).mails;
  const of = (address: string) => kept.filter(({ to }) => to === address).map(({ connection }) => connection);
  const taken = mails.map(({ to }) => of(to.address));
  const first = Math.min(...taken.flat());
  return { outcomes, connections: taken.map((numbers) => numbers.map((number) => number - first)) };
}

describe("a connection", () => {
  it("carries one mail after the other", async () => {
    expect(await sendAll("fine", "fine", "fine")).toEqual({
      outcomes: ["sent 250", "sent 250", "sent 250"],
      connections: [[0], [0], [0]],
    });
  });

  it.each([
    ["later", "deferred 450"],
    ["never", "refused 550"],
    ["busy", "deferred 451"],
  ])("goes on after a mail that was refused: %s", async (mood, outcome) => {
    expect(await sendAll("fine", mood, "fine", mood, "fine")).toEqual({
      outcomes: ["sent 250", outcome, "sent 250", outcome, "sent 250"],
      connections: [[0], [], [0], [], [0]],
    });
  });

  it("that drops after the message of its second mail leaves that one uncertain, and no other", async () => {
    expect(await sendAll("fine", "drop", "fine", "fine")).toEqual({
      outcomes: ["sent 250", "uncertain", "sent 250", "sent 250"],
      connections: [[0], [0], [1], [1]],
    });
  });

  it("that breaks off before its second mail's message costs that mail nothing: a new one takes it", async () => {
    expect(await sendAll("fine", "weary", "fine")).toEqual({
      outcomes: ["sent 250", "sent 250", "sent 250"],
      connections: [[0], [1], [1]],
    });
  });

  it("and the new one broken off too defer that mail, and no other", async () => {
    expect(await sendAll("fine", "gone", "fine")).toEqual({
      outcomes: ["sent 250", "deferred", "sent 250"],
      connections: [[0], [], [2]],
    });
  });

  it("that the server ends with 421 is not used again", async () => {
    const { outcomes, connections } = await sendAll("fine", "bye", "fine");
    expect(outcomes).toEqual(["sent 250", expect.stringMatching(/^deferred/), "sent 250"]);
    expect(connections).toEqual([[0], [], [2]]);
  });

  it("that is refused at the greeting defers its mail; the next gets a new one", async () => {
    await bearGrudge(1);
    expect(await sendAll("fine", "fine", "fine")).toEqual({
      outcomes: ["deferred 554", "sent 250", "sent 250"],
      connections: [[], [0], [0]],
    });
  });

  it("that the server ended while it waited costs the next mail nothing", async () => {
    const mailer = smtpMailer(settings);
    const [first, second] = [someMail("fine"), someMail("fine")];
    expect(await mailer.send(first)).toMatchObject({ outcome: "sent" });
    await told({ method: "DELETE" });
    expect(await mailer.send(second)).toMatchObject({ outcome: "sent" });
    mailer.close();
    const kept = (await told()).mails.filter(({ to }) => [first.to.address, second.to.address].includes(to));
    expect(new Set(kept.map(({ connection }) => connection)).size).toBe(2);
    expect(kept).toHaveLength(2);
  });

  it("is each mail's own while mails go at the same time, and all end with the mailer", async () => {
    const mailer = smtpMailer(settings);
    const mails = Array.from({ length: 3 }, () => someMail("fine"));
    const outcomes = await Promise.all(mails.map((mail) => mailer.send(mail)));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["sent", "sent", "sent"]);
    const kept = (await told()).mails.filter(({ to }) => mails.some((mail) => mail.to.address === to));
    expect(new Set(kept.map(({ connection }) => connection)).size).toBe(3);
    mailer.close();
    await expect.poll(async () => (await told()).open).toBe(0);
  });
});

it("a batch shares a few connections and ends them", async () => {
  Object.assign(env, { SMTP_PORT: String(moody.port) });
  const userIds = Array.from({ length: 10 }, newId);
  const messages = userIds.map((userId) => ({
    id: newId(),
    timestamp: new Date(),
    attempts: 1,
    body: deliveryOf("user.verified", { userId }),
  }));
  const batch = createMessageBatch("email-bulk", messages);
  const invocation = createExecutionContext();
  await worker.queue(batch, env, invocation);
  expect((await getQueueResult(batch, invocation)).explicitAcks).toHaveLength(userIds.length);
  const kept = (await told()).mails.filter(({ to }) => userIds.some((id) => to.includes(id)));
  expect(kept).toHaveLength(userIds.length);
  expect(new Set(kept.map(({ connection }) => connection)).size).toBeLessThanOrEqual(3);
  await expect.poll(async () => (await told()).open).toBe(0);
});
