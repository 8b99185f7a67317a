import { env } from "cloudflare:workers";
import { neonConfig } from "@neondatabase/serverless";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { beforeEach, describe, expect, inject, it } from "vitest";
import { deliver, deliveryOf, expireClaim, newId, recordOf } from "../../test/deliver.ts";
import { inboxAt } from "../../test/inbox.ts";
import { claimEmail } from "../delivery/claim-email.ts";
import { recordSent } from "../delivery/record-outcome.ts";
import { startAttempt } from "../delivery/start-attempt.ts";
import { Env } from "../env.ts";
import { sendEmail } from "./send-email.ts";

const { faulty } = inject("mail");
Object.assign(env, { SMTP_PORT: String(faulty.port) });
const { mailsTo, setFault } = inboxAt(faulty.inbox);

const registered = () => {
  const userId = newId();
  return {
    userId,
    address: `user-${userId}@example.com`,
    delivery: deliveryOf("user.registered", { userId }),
  };
};
const context = () => createContext(parseEnv(Env, env), { service: "email", waitUntil: () => {} });

/** A delivery that died in the middle of the conversation. */
async function die(delivery: ReturnType<typeof registered>["delivery"], userId: string) {
  const claim = await claimEmail(context(), delivery.event.id, { template: "verify-email", userId });
  if (typeof claim === "string") throw new Error(claim);
  return startAttempt(context(), claim, { recipient: "a@example.com", subject: "s", templateVersion: 1 });
}

beforeEach(() => setFault("none"));

describe("a mail server that", () => {
  it("refuses the recipient for good ends the mail at once", async () => {
    const { address, delivery } = registered();
    await setFault("reject-recipient");
    expect(await deliver(delivery)).toBe("acknowledged");
    const { mail, attempts, events } = await recordOf(delivery);
    expect(mail).toMatchObject({ status: "failed", permanent: true, lastError: "smtp_550", sentAt: null });
    expect(attempts).toMatchObject([{ outcome: "refused", responseCode: 550, errorCode: "smtp_550" }]);
    expect(events).toMatchObject([{ type: "email.failed", data: { emailId: mail.id, reason: "smtp_550" } }]);

    await setFault("none");
    expect(await deliver(delivery)).toBe("acknowledged");
    expect(await mailsTo(address)).toEqual([]);
    expect((await recordOf(delivery)).events).toHaveLength(1);
  });

  it("refuses for now gets the mail later, once", async () => {
    const { address, delivery } = registered();
    await setFault("temporary-failure");
    expect(await deliver(delivery)).toBe("retried");
    expect(await recordOf(delivery)).toMatchObject({
      mail: { status: "claimed", lastError: "smtp_451", claimedUntil: null },
      attempts: [{ outcome: "deferred", responseCode: 451 }],
      events: [],
    });
    await setFault("none");
    expect(await deliver(delivery, 2)).toBe("acknowledged");
    expect(await mailsTo(address)).toHaveLength(1);
    expect(await recordOf(delivery)).toMatchObject({
      mail: { status: "sent", attempts: 2, lastError: null },
      events: [{ type: "email.sent" }],
    });
  });

  it("closes the connection before it greets gets the mail later, once", async () => {
    const { address, delivery } = registered();
    await setFault("refuse");
    expect(await deliver(delivery)).toBe("retried");
    expect((await recordOf(delivery)).attempts).toMatchObject([{ outcome: "deferred", responseCode: null }]);
    await setFault("none");
    expect(await deliver(delivery, 2)).toBe("acknowledged");
    expect(await mailsTo(address)).toHaveLength(1);
  });

  it("drops the connection after the message leaves it uncertain, and gets it again under the same Message-ID", async () => {
    const { address, delivery } = registered();
    await setFault("drop-after-data");
    expect(await deliver(delivery)).toBe("retried");
    const { mail } = await recordOf(delivery);
    expect(mail).toMatchObject({ status: "uncertain", claimedUntil: null });

    await setFault("temporary-failure");
    expect(await deliver(delivery, 2)).toBe("retried");
    expect((await recordOf(delivery)).mail.status).toBe("uncertain");

    await setFault("none");
    expect(await deliver(delivery, 3)).toBe("acknowledged");
    expect((await mailsTo(address)).map(({ messageId }) => messageId)).toEqual([
      mail.messageId,
      mail.messageId,
    ]);
    const { attempts, events } = await recordOf(delivery);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(["uncertain", "deferred", "sent"]);
    expect(events.map(({ type }) => type)).toEqual(["email.sent"]);
  });

  it("keeps failing ends the mail with the last delivery; a replay sends it", async () => {
    const { address, delivery } = registered();
    await setFault("temporary-failure");
    expect(await deliver(delivery, 12)).toBe("acknowledged");
    expect(await recordOf(delivery)).toMatchObject({
      mail: { status: "failed", permanent: false },
      events: [{ type: "email.failed", data: { reason: "smtp_451" } }],
    });
    await setFault("none");
    expect(await deliver(delivery, 1)).toBe("acknowledged");
    expect(await mailsTo(address)).toHaveLength(1);
    expect((await recordOf(delivery)).mail.status).toBe("sent");
  });
});

describe("an owner that does not answer", () => {
  const unanswered = (delivery: ReturnType<typeof registered>["delivery"], userId: string, last: boolean) =>
    sendEmail(context(), { last }, delivery.event.id, {
      template: "verify-email",
      userId,
      prepare: () => Promise.reject(new Error("auth is away")),
    });

  it("delays the mail", async () => {
    const { address, userId, delivery } = registered();
    await expect(unanswered(delivery, userId, false)).rejects.toThrow("auth is away");
    expect(await recordOf(delivery)).toMatchObject({
      mail: { status: "claimed", lastError: "not_prepared", claimedUntil: null, attempts: 0 },
      events: [],
    });
    expect(await deliver(delivery, 2)).toBe("acknowledged");
    expect(await mailsTo(address)).toHaveLength(1);
  });

  it("ends it with the last delivery", async () => {
    const { userId, delivery } = registered();
    await expect(unanswered(delivery, userId, true)).rejects.toThrow("auth is away");
    expect(await recordOf(delivery)).toMatchObject({
      mail: { status: "failed", permanent: false },
      events: [{ type: "email.failed", data: { reason: "not_prepared" } }],
    });
  });
});

describe("a claim", () => {
  it("of a delivery that died is taken over when its time is up, and the lost try is shown", async () => {
    const { address, userId, delivery } = registered();
    await die(delivery, userId);
    expect(await deliver(delivery)).toBe("retried");
    expect(await mailsTo(address)).toEqual([]);

    await expireClaim(delivery);
    await setFault("temporary-failure");
    expect(await deliver(delivery, 2)).toBe("retried");
    expect((await recordOf(delivery)).mail.status).toBe("uncertain");
    await setFault("none");
    expect(await deliver(delivery, 3)).toBe("acknowledged");
    const { attempts } = await recordOf(delivery);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(["lost", "deferred", "sent"]);
  });

  it("that was lost lets nobody begin a try", async () => {
    const { userId, delivery } = registered();
    const claim = await claimEmail(context(), delivery.event.id, { template: "verify-email", userId });
    if (typeof claim === "string") throw new Error(claim);
    await expireClaim(delivery);
    await claimEmail(context(), delivery.event.id, { template: "verify-email", userId });
    const late = startAttempt(context(), claim, {
      recipient: "a@example.com",
      subject: "s",
      templateVersion: 1,
    });
    await expect(late).rejects.toThrow("lost");
    expect((await recordOf(delivery)).attempts).toEqual([]);
  });

  it("that was lost still lets success be recorded, with one event", async () => {
    const { userId, delivery } = registered();
    const first = await die(delivery, userId);
    await expireClaim(delivery);
    const second = await die(delivery, userId);
    await recordSent(context(), first.claim, first.attemptId, { outcome: "sent", responseCode: 250 });
    await recordSent(context(), second.claim, second.attemptId, { outcome: "sent", responseCode: 250 });
    const { mail, events } = await recordOf(delivery);
    expect(mail.status).toBe("sent");
    expect(events).toHaveLength(1);
  });
});

it("sends one mail although the database is away when it is to be recorded", async () => {
  const { address, delivery } = registered();
  const { fetchFunction } = neonConfig;
  let refused = 0;
  neonConfig.fetchFunction = (url: string, init: RequestInit) => {
    const records = JSON.stringify(init.body).includes("status = 'sent', sent_at");
    if (records && refused < 2) return Promise.reject(new Error(`away ${++refused}`));
    return fetchFunction(url, init);
  };
  try {
    expect(await deliver(delivery)).toBe("acknowledged");
  } finally {
    neonConfig.fetchFunction = fetchFunction;
  }
  expect(refused).toBe(2);
  expect(await mailsTo(address)).toHaveLength(1);
  expect((await recordOf(delivery)).mail).toMatchObject({ status: "sent", attempts: 1 });
});
