import { env } from "cloudflare:workers";
import type { Delivery, EventData } from "@souk/kit/events";
import { describe, expect, inject, it } from "vitest";
import { deliver, deliveryOf, newId, recordOf } from "../../test/deliver.ts";
import { inboxAt } from "../../test/inbox.ts";

const { sound } = inject("mail");
Object.assign(env, { SMTP_PORT: String(sound.port) });
const { mailsTo } = inboxAt(sound.inbox);

/** The address that the stub of `auth` gives. */
const addressOf = (userId: string) => `user-${userId}@example.com`;

const alert = (userId: string): EventData<"alert.triggered"> => ({
  alertId: newId(),
  historyId: newId(),
  userId,
  metal: "XAU",
  currency: "USD",
  type: "above",
  threshold: "1000",
  unit: "toz",
  karat: 24,
  price: "1043.155",
  note: "Sell <half> & wait",
  quotedAt: "2009-11-02T12:00:00.000Z",
  triggeredAt: "2009-11-02T12:00:01.000Z",
});

const resetPage = "https://souk.test/reset-password";

type Case = [
  name: string,
  template: string,
  make: (userId: string) => Delivery,
  subject: string,
  says: string[],
];
const CASES: Case[] = [
  [
    "user.registered",
    "verify-email",
    (userId) => deliveryOf("user.registered", { userId }),
    "Confirm your email address",
    ["verify_email#token=test-"],
  ],
  [
    "verification.requested",
    "verify-email",
    (userId) => deliveryOf("verification.requested", { userId }),
    "Confirm your email address",
    ["verify_email#token=test-"],
  ],
  [
    "user.registration_repeated",
    "address-already-known",
    (userId) => deliveryOf("user.registration_repeated", { userId }),
    "You already have a Souk account",
    ["Hello Ada,", resetPage],
  ],
  [
    "user.verified",
    "welcome",
    (userId) => deliveryOf("user.verified", { userId }),
    "Welcome to Souk, Ada",
    ["Hello Ada,"],
  ],
  [
    "password.reset_requested",
    "reset-password",
    (userId) => deliveryOf("password.reset_requested", { userId }),
    "Set a new password",
    ["Hello Ada,", "reset_password#token=test-"],
  ],
  [
    "mail_sign_in.requested",
    "sign-in",
    (userId) => deliveryOf("mail_sign_in.requested", { userId, mailSignInId: userId }),
    "Sign in to Souk",
    ["Hello Ada,", "sign-in#token=test-", "\n01234567\n"],
  ],
  [
    "password.changed",
    "password-changed",
    (userId) => deliveryOf("password.changed", { userId, by: "change" }),
    "Your password was changed",
    ["Hello Ada,", "1 October 2026 at 12:00 UTC", resetPage],
  ],
  [
    "session.opened",
    "new-device",
    (userId) =>
      deliveryOf("session.opened", {
        userId,
        sessionId: newId(),
        device: "<half> on Linux",
        newDevice: true,
      }),
    "A log-in on a new device",
    ["Hello Ada,", "1 October 2026 at 12:00 UTC", "<half> on Linux", resetPage],
  ],
  [
    "identity.linked",
    "identity-linked",
    (userId) => deliveryOf("identity.linked", { userId, provider: "<half> ID" }),
    "You can log in with <half> ID now",
    ["Hello Ada,", "1 October 2026 at 12:00 UTC", "Your <half> ID account was linked", resetPage],
  ],
  [
    "identity.unlinked",
    "identity-unlinked",
    (userId) => deliveryOf("identity.unlinked", { userId, provider: "Google" }),
    "Google no longer logs you in",
    ["Hello Ada,", "1 October 2026 at 12:00 UTC", "Your Google account was unlinked", resetPage],
  ],
  [
    "account.locked",
    "account-locked",
    (userId) => deliveryOf("account.locked", { userId }),
    "Your account is locked for an hour",
    ["Hello Ada,", "unlock_account#token=test-", resetPage],
  ],
  ...(
    [
      ["second_factor.enabled", "The second factor was turned on"],
      ["second_factor.disabled", "The second factor was turned off"],
      ["recovery_code.used", "A recovery code was used"],
      ["recovery_codes.renewed", "New recovery codes were made"],
    ] as const
  ).map(([type, change]): Case => [
    type,
    "security-change",
    (userId) => deliveryOf(type, { userId }),
    change,
    ["Hello Ada,", `${change} on your Souk account on 1 October 2026 at 12:00 UTC`, resetPage],
  ]),
  [
    "api_key.created",
    "security-change",
    (userId) => deliveryOf("api_key.created", { userId, apiKeyId: newId() }),
    "A new API key was made",
    ["Hello Ada,", "1 October 2026 at 12:00 UTC", resetPage],
  ],
  ...(
    [
      ["passkey.added", "A passkey was added"],
      ["passkey.removed", "A passkey was taken away"],
    ] as const
  ).map(([type, change]): Case => [
    type,
    "security-change",
    (userId) => deliveryOf(type, { userId, passkeyId: newId() }),
    change,
    ["Hello Ada,", `${change} on your Souk account on 1 October 2026 at 12:00 UTC`, resetPage],
  ]),
  [
    "account.deletion_requested",
    "account-deletion",
    (userId) =>
      deliveryOf("account.deletion_requested", {
        userId,
        change: 1,
        deleteAfter: "2026-10-15T12:00:00.000Z",
      }),
    "Your account will be deleted",
    ["Hello Ada,", "15 October 2026 at 12:00 UTC", resetPage],
  ],
  [
    "alert.triggered",
    "alert-triggered",
    (userId) => deliveryOf("alert.triggered", alert(userId)),
    "Gold is above $1,000.00: now $1,043.155",
    [
      "Hello Ada,",
      "XAU/USD",
      "$1,043.155 per troy ounce",
      "above $1,000.00",
      "2 November 2009 at 12:00 UTC",
      "Sell <half> & wait",
    ],
  ],
];

describe.each(CASES)("%s", (_name, template, make, subject, says) => {
  it("is mailed, and told in an event", async () => {
    const userId = newId();
    const delivery = make(userId);
    expect(await deliver(delivery)).toBe("acknowledged");

    const [received, ...more] = await mailsTo(addressOf(userId));
    expect(more).toEqual([]);
    expect(received?.subject).toBe(subject);
    for (const words of says) expect(received?.text).toContain(words);
    expect(received?.html).not.toContain("<half>");

    const { mail, attempts, events } = await recordOf(delivery);
    expect(mail).toMatchObject({
      template,
      templateVersion: 1,
      userId,
      subject,
      recipient: addressOf(userId),
      status: "sent",
      attempts: 1,
    });
    expect(mail.messageId).toBe(`<${mail.id}@souk.test>`);
    expect(received?.messageId).toBe(mail.messageId);
    expect(mail.sentAt).not.toBeNull();
    expect(mail.claimedUntil).toBeNull();
    expect(attempts).toMatchObject([{ outcome: "sent", responseCode: 250, errorCode: null }]);
    const data = { emailId: mail.id, userId, template, causeId: delivery.event.id };
    expect(events).toEqual([{ type: "email.sent", data }]);
  });
});

it("sends no mail about a log-in on a device that was used before", async () => {
  const userId = newId();
  const opened = { userId, sessionId: newId(), device: "Firefox on Linux", newDevice: false };
  expect(await deliver(deliveryOf("session.opened", opened))).toBe("acknowledged");
  expect(await mailsTo(addressOf(userId))).toEqual([]);
});

it("sends one mail when a message is delivered twenty times at once, and none after that", async () => {
  const userId = newId();
  const delivery = deliveryOf("user.registered", { userId });
  const results = await Promise.all(Array.from({ length: 20 }, () => deliver(delivery)));
  expect(results.filter((result) => result === "acknowledged").length).toBeGreaterThan(0);
  expect(await mailsTo(addressOf(userId))).toHaveLength(1);

  expect(await deliver(delivery)).toBe("acknowledged");
  expect(await mailsTo(addressOf(userId))).toHaveLength(1);
  const { attempts, events } = await recordOf(delivery);
  expect(attempts).toHaveLength(1);
  expect(events.map(({ type }) => type)).toEqual(["email.sent"]);
});

it("suppresses alert mails of a person who wants none, and only those", async () => {
  const userId = `${newId().slice(0, -8)}00000000`;
  const unwanted = deliveryOf("alert.triggered", alert(userId));
  expect(await deliver(unwanted)).toBe("acknowledged");
  expect(await recordOf(unwanted)).toMatchObject({
    mail: { status: "suppressed", attempts: 0, claimedUntil: null },
    attempts: [],
    events: [],
  });
  expect(await mailsTo(addressOf(userId))).toEqual([]);

  expect(await deliver(deliveryOf("password.changed", { userId, by: "reset" }))).toBe("acknowledged");
  expect(await mailsTo(addressOf(userId))).toHaveLength(1);
});

it("mails a person whose account is asleep of the account alone", async () => {
  const userId = `ffffffff${newId().slice(8)}`;
  const fired = deliveryOf("alert.triggered", alert(userId));
  expect(await deliver(fired)).toBe("acknowledged");
  expect((await recordOf(fired)).mail.status).toBe("skipped");
  expect(await mailsTo(addressOf(userId))).toEqual([]);
  expect(await deliver(deliveryOf("password.changed", { userId, by: "reset" }))).toBe("acknowledged");
  expect(await mailsTo(addressOf(userId))).toHaveLength(1);
});

it.each([
  ["a link that is not needed", (userId: string) => deliveryOf("user.registered", { userId })],
  [
    "a sign-in that is over",
    (userId: string) => deliveryOf("mail_sign_in.requested", { userId, mailSignInId: userId }),
  ],
  ["an account that is gone", (userId: string) => deliveryOf("user.verified", { userId })],
])("skips %s", async (_what, make) => {
  const userId = `00000000${newId().slice(8)}`;
  const delivery = make(userId);
  expect(await deliver(delivery)).toBe("acknowledged");
  expect(await deliver(delivery)).toBe("acknowledged");
  expect(await recordOf(delivery)).toMatchObject({
    mail: { status: "skipped", recipient: null },
    attempts: [],
    events: [],
  });
});

describe("a change of address", () => {
  it("is mailed to both addresses with a link each", async () => {
    const userId = newId();
    const delivery = deliveryOf("address.change_requested", { userId });
    expect(await deliver(delivery)).toBe("acknowledged");
    const mails = await mailsTo(addressOf(userId));
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual([
      "Confirm your change of address",
      "Confirm your new address",
    ]);
    const texts = mails.map(({ text }) => text).join();
    expect(texts).toContain(`leave_email#token=test-${userId}`);
    expect(texts).toContain(`join_email#token=test-${userId}`);
    expect(texts).not.toContain("Ada");
    expect(await deliver(delivery)).toBe("acknowledged");
    expect(await mailsTo(addressOf(userId))).toHaveLength(2);
  });

  it("is told to the address that was left", async () => {
    const userId = newId();
    expect(await deliver(deliveryOf("address.changed", { userId }))).toBe("acknowledged");
    expect(await mailsTo(addressOf(userId))).toEqual([]);
    expect(await mailsTo(`former-${userId}@example.com`)).toMatchObject([
      { subject: "Your address was changed", text: expect.stringContaining("1 October 2026 at 12:00 UTC") },
    ]);
  });
});
