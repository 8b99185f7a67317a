import { users } from "@souk/db/schema/auth";
import { log } from "@souk/db/schema/events";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  actorHeader,
  contextAt,
  eventsOf,
  linkToken,
  loggedIn,
  login,
  newAddress,
  owner,
  PASSWORD,
  post,
  problemOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { later } from "../limits.ts";

const person = (email: string) => ({ email, password: PASSWORD, firstName: "Ada", lastName: "Lovelace" });
const byEmail = (email: string) => owner.select().from(users).where(eq(users.email, email));

describe("register, verify, log in", () => {
  it("takes a person from registration to a living session", async () => {
    const email = newAddress();
    const registered = await post("register", { ...person(` ${email.toUpperCase()} `), firstName: " Ada " });
    expect(registered.status).toBe(201);
    expect(await registered.json()).toEqual({
      user: { email, firstName: "Ada", lastName: "Lovelace", status: "pending" },
    });
    const [user] = await byEmail(email);
    const userId = user?.id ?? "";
    expect(user?.passwordHash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
    expect(await eventsOf(userId)).toEqual(["user.registered"]);

    expect(await problemOf(await login(email))).toEqual({ status: 403, code: "email_not_verified" });
    expect(await problemOf(await login(email, "Wrong-horse-1"))).toEqual({
      status: 401,
      code: "invalid_credentials",
    });

    const verified = await post("verify-email", { token: await linkToken(userId, "verify_email") });
    expect(verified.status).toBe(200);
    expect(await verified.json()).toEqual({
      user: { email, firstName: "Ada", lastName: "Lovelace", status: "active" },
    });
    expect(await eventsOf(userId)).toEqual(["user.registered", "user.verified"]);

    const tokens = await loggedIn(email);
    expect(tokens).toMatchObject({
      expiresIn: 3600,
      tokenType: "Bearer",
      user: { id: userId, email, role: "user", status: "active" },
    });
    expect(JSON.stringify(tokens)).not.toContain("scrypt");
    expect(actorHeader(tokens.accessToken)).toBeDefined();
  });

  it("keeps secrets and addresses out of events", async () => {
    const email = newAddress();
    await post("register", person(email));
    const [user] = await byEmail(email);
    const [event] = await owner
      .select()
      .from(log)
      .where(eq(log.aggregateId, user?.id ?? ""));
    expect(event?.data).toEqual({ userId: user?.id });
  });

  it("registers an address once when 20 ask at the same time", { timeout: 60_000 }, async () => {
    const email = newAddress();
    const answers = await twenty(() => post("register", person(email)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const [user, ...more] = await byEmail(email);
    expect(more).toEqual([]);
    const events = await eventsOf(user?.id ?? "");
    expect(events.filter((type) => type === "user.registered")).toHaveLength(1);
    expect(events.filter((type) => type === "user.registration_repeated").length).toBeLessThanOrEqual(1);
  });

  it("tells the owner of a known address, changing nothing, at most once a minute", async () => {
    const { id, email, passwordHash } = await storedUser();
    const answer = await post("register", {
      ...person(email),
      password: "Another-horse-2",
      firstName: "Eve",
      lastName: "Mallory",
    });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({
      user: { email, firstName: "Eve", lastName: "Mallory", status: "pending" },
    });
    await post("register", person(email));
    expect(await eventsOf(id)).toEqual(["user.registration_repeated"]);
    expect(await byEmail(email)).toMatchObject([{ id, passwordHash, firstName: "Ada" }]);
  });

  it.each([
    ["email", { email: "ada@" }],
    ["email", { email: "ada@example.com\r\nBcc: eve@example.com" }],
    ["password", { password: "Short-1" }],
    ["password", { password: "no-upper-case-1" }],
    ["password", { password: "NO-LOWER-CASE-1" }],
    ["password", { password: "No-digit-at-all" }],
    ["password", { password: `Aa1${"x".repeat(198)}` }],
    ["firstName", { firstName: "A" }],
    ["firstName", { firstName: "Ada\r\nBcc: eve@example.com" }],
    ["lastName", { lastName: "x".repeat(51) }],
    ["lastName", { lastName: "Love\u202Elace" }],
    ["", { role: "admin" }],
  ])("refuses a bad %s: %j", async (field, wrong) => {
    const answer = await post("register", { ...person(newAddress()), ...wrong });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: "validation_failed",
      error: "Validation error",
      details: [{ field }],
    });
  });
});

describe("verification links", () => {
  it("verifies once when the page posts 20 times", async () => {
    const { id } = await storedUser({ status: "pending" });
    const token = await linkToken(id, "verify_email");
    const answers = await twenty(() => post("verify-email", { token }));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await eventsOf(id)).toEqual(["user.verified"]);
  });

  it("verifies once with 20 different links", async () => {
    const { id } = await storedUser({ status: "pending" });
    const links = await twenty(() => linkToken(id, "verify_email"));
    const answers = await twenty((index) => post("verify-email", { token: links[index] }));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await eventsOf(id)).toEqual(["user.verified"]);
  });

  it("refuses unknown, expired and other tokens alike", async () => {
    const { id } = await storedUser({ status: "pending" });
    const old = await linkToken(
      id,
      "verify_email",
      contextAt(() => later(new Date(), -24 * 3600 - 1)),
    );
    const reset = await linkToken(id, "reset_password");
    for (const token of [old, reset, "x", "x".repeat(43)]) {
      expect(await problemOf(await post("verify-email", { token }))).toEqual({
        status: 400,
        code: "invalid_link",
      });
    }
    expect(
      await byEmail((await owner.select().from(users).where(eq(users.id, id)))[0]?.email ?? ""),
    ).toMatchObject([{ status: "pending" }]);
  });

  it("is mailed again to a pending address only, at most once a minute", async () => {
    const pending = await storedUser({ status: "pending" });
    const active = await storedUser();
    for (const email of [pending.email, active.email, newAddress()]) {
      const answer = await post("resend-verification", { email });
      expect([answer.status, await answer.json()]).toEqual([202, { accepted: true }]);
    }
    await twenty(() => post("resend-verification", { email: pending.email }));
    expect(await eventsOf(pending.id)).toEqual(["verification.requested"]);
    expect(await eventsOf(active.id)).toEqual([]);
  });
});
