import { describe, expect, inject, it } from "vitest";
import { inboxAt } from "../../test/inbox.ts";
import { smtpMailer, type SmtpSettings } from "./smtp.ts";

const { sound, silentPort, guarded } = inject("mail");
const { mailsTo } = inboxAt(sound.inbox);

const settings: SmtpSettings = {
  SMTP_HOST: "127.0.0.1",
  SMTP_PORT: sound.port,
  SMTP_TLS: "none",
  SMTP_USER: "",
  SMTP_PASSWORD: "",
  MAIL_FROM: { name: "Souk, Ltd.", address: "no-reply@souk.test", domain: "souk.test" },
};
const someMail = (name = "Ada") => ({
  messageId: `<${crypto.randomUUID()}@souk.test>`,
  to: { name, address: `${crypto.randomUUID()}@example.com` },
  subject: "Grüße: Gold ≥ 1000",
  html: "<p>Grüße</p>",
  text: "Grüße\n.\nEnde",
});

it("hands a mail to the server as it was", async () => {
  const mail = someMail("Ada “the” Löve");
  expect(await smtpMailer(settings).send(mail)).toEqual({ outcome: "sent", responseCode: 250 });
  const [received] = await mailsTo(mail.to.address);
  expect(received).toMatchObject({ messageId: mail.messageId, subject: mail.subject });
  expect(received?.text.trim()).toBe(mail.text);
  expect(received?.html.trim()).toBe(mail.html);
  expect(received?.headers).toContainEqual(expect.objectContaining({ value: "auto-generated" }));
});

it("gives up on a server that says nothing, within the time", async () => {
  const timeouts = { connect: 300, greeting: 300, silence: 300, total: 5_000 };
  const outcome = await smtpMailer({ ...settings, SMTP_PORT: silentPort }, timeouts).send(someMail());
  expect(outcome).toMatchObject({ outcome: "deferred", code: "ETIMEDOUT", responseCode: null });
});

it("bounds the whole conversation, however patient its steps are", async () => {
  const timeouts = { connect: 60_000, greeting: 60_000, silence: 60_000, total: 300 };
  const outcome = await smtpMailer({ ...settings, SMTP_PORT: silentPort }, timeouts).send(someMail());
  expect(outcome).toMatchObject({ outcome: "deferred", code: "ETIMEDOUT" });
});

it("defers when nothing listens", async () => {
  const outcome = await smtpMailer({ ...settings, SMTP_PORT: 1 }).send(someMail());
  expect(outcome).toMatchObject({ outcome: "deferred", responseCode: null });
});

it("sends nothing in clear to a server without STARTTLS", async () => {
  const mail = someMail();
  const outcome = await smtpMailer({ ...settings, SMTP_TLS: "starttls" }).send(mail);
  expect(outcome.outcome).toBe("deferred");
  expect(await mailsTo(mail.to.address)).toEqual([]);
});

it("logs in or sends nothing", async () => {
  const mail = someMail();
  const outcome = await smtpMailer({ ...settings, SMTP_USER: "souk", SMTP_PASSWORD: "secret" }).send(mail);
  expect(outcome).toMatchObject({ outcome: "deferred", code: expect.stringMatching(/^(smtp_5|EAUTH)/) });
  expect(JSON.stringify(outcome)).not.toContain("secret");
  expect(await mailsTo(mail.to.address)).toEqual([]);
});

it("refuses for good what is no address", async () => {
  const outcome = await smtpMailer(settings).send({
    ...someMail(),
    to: { name: "", address: "a b@example.com\r\nRCPT TO:<eve@example.com>" },
  });
  expect(outcome.outcome).toBe("refused");
  expect(await mailsTo("eve@example.com")).toEqual([]);
});

describe("a mail server as in production", () => {
  const login = { SMTP_USER: guarded.user, SMTP_PASSWORD: guarded.password };
  const starttls = { ...settings, ...login, SMTP_TLS: "starttls" as const, SMTP_PORT: guarded.starttlsPort };
  const implicit = { ...settings, ...login, SMTP_TLS: "implicit" as const, SMTP_PORT: guarded.implicitPort };

  it.each([
    ["STARTTLS", starttls],
    ["implicit TLS", implicit],
  ])("takes mail over %s after a login", async (_how, secure) => {
    expect(await smtpMailer(secure).send(someMail())).toEqual({ outcome: "sent", responseCode: 250 });
  });

  it("defers mail, and loses none, when the login is wrong", async () => {
    const outcome = await smtpMailer({ ...starttls, SMTP_PASSWORD: "wrong" }).send(someMail());
    expect(outcome).toMatchObject({ outcome: "deferred", code: "smtp_535" });
  });

  it("is not spoken to when its certificate is for another name", async () => {
    const outcome = await smtpMailer({ ...starttls, SMTP_HOST: "127.0.0.2" }).send(someMail());
    expect(outcome.outcome).toBe("deferred");
  });
});
