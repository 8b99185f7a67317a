import { mailRequests, sessions, tokens, users } from "@souk/db/schema/auth";
import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { mailSignIns } from "@souk/db/schema/auth-mail-sign-ins";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  actorHeader,
  contextAt,
  eventsOf,
  linkToken,
  login,
  newAddress,
  owner,
  PASSWORD,
  post,
  problemOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { askedMails, flowOf, mailedTo, wrong } from "../../test/mail-sign-ins.ts";
import { inTransaction, justBefore, untilBlocked } from "../../test/races.ts";
import { ask, codeOf, protectedUser } from "../../test/second-factor.ts";
import { LoggedIn, SecondFactorChallenge, TokensWithDevice } from "../second-factor-schemas.ts";
import { accountKey } from "../services/allow-account.ts";
import { mintMailSignIn } from "../services/mint-mail-sign-in.ts";

const open = (body: Record<string, unknown>, headers = {}) => post("mail-sign-ins/sessions", body, headers);
const sessionsOf = (userId: string) => owner.$count(sessions, eq(sessions.userId, userId));
const failuresOf = async (email: string) => {
  const rows = await owner
    .select({ failures: accountAttempts.failures })
    .from(accountAttempts)
    .where(eq(accountAttempts.account, accountKey(sql`${email}`)));
  return rows[0]?.failures ?? 0;
};
/** Lets a person be written to at once again. */
const minuteLater = (userId: string) => owner.delete(mailRequests).where(eq(mailRequests.userId, userId));
/** A person, a sign-in of theirs and what was mailed. */
async function begun(values: Parameters<typeof storedUser>[0] = {}) {
  const user = await storedUser(values);
  const flow = await flowOf(user.email);
  return { ...user, flow, ...(await mailedTo(user.id)) };
}
const over = { status: 401, code: "invalid_challenge" };
const refused = { status: 401, code: "invalid_code" };

describe("a sign-in by mail", () => {
  it.each(["code", "token"] as const)("opens a session with the %s and its flow, once", async (kind) => {
    const user = await begun();
    const answer = await open({ flow: user.flow, [kind]: user[kind] });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const { accessToken, user: shown, deviceToken } = TokensWithDevice.parse(await answer.json());
    expect(shown).toMatchObject({ id: user.id, status: "active" });
    expect(deviceToken).toBeDefined();
    expect((await ask("GET", "verify", actorHeader(accessToken))).status).toBe(200);
    expect(await problemOf(await open({ flow: user.flow, [kind]: user[kind] }))).toEqual(over);
    expect(await sessionsOf(user.id)).toBe(1);
    expect((await login(user.email)).status).toBe(200);
  });

  it("mails 8 digits and 32 bytes, the same each time, and keeps neither", async () => {
    const { id, code, token } = await begun();
    expect(code).toMatch(/^\d{8}$/);
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(await mailedTo(id)).toEqual({ code, token });
    const stored = JSON.stringify(await owner.select().from(mailSignIns).where(eq(mailSignIns.userId, id)));
    expect(stored).not.toContain(code);
    expect(stored).not.toContain(token);
    const [mail = ""] = await askedMails(id);
    const url = (await mintMailSignIn(contextAt(), mail))?.url ?? "";
    expect(new URL(url)).toMatchObject({ pathname: "/sign-in", search: "", hash: `#token=${token}` });
  });

  it("is good for the flow that it was mailed for alone", async () => {
    const [mine, theirs] = [await begun(), await begun()];
    expect(await problemOf(await open({ flow: theirs.flow, code: mine.code }))).toEqual(refused);
    expect(await problemOf(await open({ flow: theirs.flow, token: mine.token }))).toEqual(refused);
    expect(await problemOf(await open({ flow: "x", code: mine.code }))).toEqual(over);
    await minuteLater(mine.id);
    const later = await flowOf(mine.email);
    expect(await problemOf(await open({ flow: later, code: mine.code }))).toEqual(refused);
    expect((await open({ flow: mine.flow, code: mine.code })).status).toBe(200);
    // What was opened voids the others.
    expect(await problemOf(await open({ flow: later, code: mine.code }))).toEqual(over);
  });

  it("takes either a code or a token", async () => {
    const { flow, code, token } = await begun();
    for (const body of [{}, { code, token }, { code: "1234567" }, { code: "x" }, { token: "" }])
      expect(await problemOf(await open({ flow, ...body }))).toMatchObject({ code: "validation_failed" });
    expect((await open({ flow, code: ` ${code} ` })).status).toBe(200);
  });

  it("uses the mail that is on its way, when it was asked for within the minute, also by a stranger", async () => {
    const user = await storedUser();
    const strangers = await flowOf(user.email);
    const mine = await flowOf(user.email);
    const { code } = await mailedTo(user.id);
    expect(await askedMails(user.id)).toHaveLength(1);
    expect(await problemOf(await open({ flow: strangers, code: wrong(code) }))).toEqual(refused);
    expect((await open({ flow: mine, code })).status).toBe(200);
    expect(await problemOf(await open({ flow: strangers, code }))).toEqual(over);
  });

  it("is mailed once when twenty ask at once, and each of them can use the mail", async () => {
    const { id, email } = await storedUser();
    const flows = await twenty(() => flowOf(email));
    expect(await askedMails(id)).toHaveLength(1);
    const rows = await owner.select().from(mailSignIns).where(eq(mailSignIns.userId, id));
    expect(rows).toHaveLength(20);
    expect(new Set(rows.map(({ mailId }) => mailId)).size).toBe(1);
    const { code } = await mailedTo(id);
    expect((await open({ flow: flows[19], code })).status).toBe(200);
  });

  it("opens one session for twenty who have the code at once", async () => {
    const { id, flow, code } = await begun();
    const answers = await twenty(() => open({ flow, code }));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(19);
    expect(await sessionsOf(id)).toBe(1);
  });

  it("opens one session for five who look at the same sign-in before any has used it", async () => {
    const { id, flow, code } = await begun();
    const answers: Promise<Response>[] = [];
    await inTransaction(async (transaction) => {
      await transaction.execute(sql`SELECT FROM ${users} WHERE id = ${id}::uuid FOR UPDATE`);
      answers.push(...Array.from({ length: 5 }, () => open({ flow, code })));
      await untilBlocked(5);
    });
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(4);
    expect(await sessionsOf(id)).toBe(1);
  });

  it("has five tries, also of twenty at once, and is void then", async () => {
    const { id, flow, code } = await begun();
    const answers = await twenty(async () => (await problemOf(await open({ flow, code: wrong(code) }))).code);
    expect(answers.toSorted()).toEqual([
      ...Array<string>(15).fill("invalid_challenge"),
      ...Array<string>(5).fill("invalid_code"),
    ]);
    expect(await problemOf(await open({ flow, code }))).toEqual(over);
    expect(await sessionsOf(id)).toBe(0);
  });

  it("is over after ten minutes, and so is its mail", async () => {
    const { id, flow, code } = await begun();
    const [mail = ""] = await askedMails(id);
    const at = (minutes: number) => contextAt(() => new Date(Date.now() + minutes * 60_000));
    expect(await mintMailSignIn(at(9.9), mail)).not.toBeNull();
    expect(await mintMailSignIn(at(10.1), mail)).toBeNull();
    await owner
      .update(mailSignIns)
      .set({ createdAt: new Date(Date.now() - 600_001), expiresAt: new Date(Date.now() - 1) })
      .where(eq(mailSignIns.userId, id));
    expect(await problemOf(await open({ flow, code }))).toEqual(over);
  });

  it("makes no account for an unknown address", async () => {
    const email = newAddress();
    const flow = await flowOf(email);
    expect(await problemOf(await open({ flow, code: "01234567" }))).toEqual(refused);
    expect(await owner.$count(users, eq(users.email, email))).toBe(0);
    // Not even when the address gets an account meanwhile.
    const { id } = await storedUser({ email });
    expect(await problemOf(await open({ flow, code: "01234567" }))).toEqual(refused);
    expect(await askedMails(id)).toEqual([]);
  });

  it("is of the address that it was mailed to: not when the account has left it", async () => {
    const { id, flow, code } = await begun();
    await owner.update(users).set({ email: newAddress() }).where(eq(users.id, id));
    const [mail = ""] = await askedMails(id);
    expect(await mintMailSignIn(contextAt(), mail)).toBeNull();
    expect(await problemOf(await open({ flow, code }))).toEqual(refused);
    const left = await begun();
    justBefore(/INSERT INTO .{1,20}sessions/, () =>
      owner.update(users).set({ email: newAddress() }).where(eq(users.id, left.id)),
    );
    expect(await problemOf(await open({ flow: left.flow, code: left.code }))).toEqual(over);
    expect(await sessionsOf(left.id)).toBe(0);
  });

  it("is good by an older key while keys are changed", async () => {
    const { id, flow } = await begun();
    const [newest, older] = contextAt().env.REFRESH_KEYS.map((key) => Buffer.from(key).toString("base64url"));
    const { code } = await mailedTo(
      id,
      contextAt(() => new Date(), { REFRESH_KEYS: JSON.stringify([older, newest]) }),
    );
    expect(code).not.toBe((await mailedTo(id)).code);
    expect((await open({ flow, code })).status).toBe(200);
  });
});

describe("what a log-in asks, a sign-in by mail asks too", () => {
  it("the second factor: no session before it", async () => {
    const user = await protectedUser();
    const flow = await flowOf(user.email);
    const { code } = await mailedTo(user.id);
    const before = await sessionsOf(user.id);
    const { challenge } = SecondFactorChallenge.parse(await (await open({ flow, code })).json());
    expect(await sessionsOf(user.id)).toBe(before);
    expect(await problemOf(await open({ flow, code }))).toEqual(over);
    const done = await post("login/second-factor", { challenge, code: await codeOf(user.id) });
    expect(done.status).toBe(200);
  });

  it("not on a trusted device", async () => {
    const user = await protectedUser();
    const first = await flowOf(user.email);
    const one = await open({ flow: first, code: (await mailedTo(user.id)).code });
    const { challenge } = SecondFactorChallenge.parse(await one.json());
    const passed = await post("login/second-factor", {
      challenge,
      code: await codeOf(user.id),
      trustDevice: true,
    });
    const { deviceToken } = TokensWithDevice.parse(await passed.json());
    await minuteLater(user.id);
    const flow = await flowOf(user.email);
    const { code } = await mailedTo(user.id);
    expect(LoggedIn.parse(await (await open({ flow, code, deviceToken })).json())).toHaveProperty(
      "accessToken",
    );
  });

  it("a ban, told to the right code alone", async () => {
    const user = await begun({ bannedAt: new Date(), banReason: "Spam" });
    expect(await problemOf(await open({ flow: user.flow, code: wrong(user.code) }))).toEqual(refused);
    expect(await problemOf(await open({ flow: user.flow, code: user.code }))).toEqual({
      status: 403,
      code: "account_banned",
    });
    expect(await sessionsOf(user.id)).toBe(0);
    expect(await failuresOf(user.email)).toBe(0);
  });

  it("a ban at the same moment", async () => {
    const user = await begun();
    justBefore(/INSERT INTO .{1,20}sessions/, () =>
      owner.update(users).set({ bannedAt: new Date(), banReason: "Spam" }).where(eq(users.id, user.id)),
    );
    expect(await problemOf(await open({ flow: user.flow, code: user.code }))).toEqual(over);
    expect(await sessionsOf(user.id)).toBe(0);
  });

  it.each([
    ["deactivated", {}],
    ["deleting", { deleteAfter: new Date(Date.now() + 86_400_000) }],
  ] as const)("an account that is %s is active again", async (status, values) => {
    const user = await begun({ status, ...values });
    const tokensOf = TokensWithDevice.parse(await (await open({ flow: user.flow, code: user.code })).json());
    expect(tokensOf).toMatchObject({ restored: true, user: { status: "active" } });
    expect(await eventsOf(user.id)).toContain("account.returned");
  });

  it("an account that is being erased gets no mail and no session", async () => {
    const user = await begun();
    await owner
      .update(users)
      .set({ status: "erasing", deleteAfter: new Date() })
      .where(eq(users.id, user.id));
    const [mail = ""] = await askedMails(user.id);
    expect(await mintMailSignIn(contextAt(), mail)).toBeNull();
    expect(await problemOf(await open({ flow: user.flow, code: user.code }))).toEqual(over);
    expect(await sessionsOf(user.id)).toBe(0);
  });

  it("a pending account is verified; the password that a stranger may have chosen goes, and so do its links", async () => {
    const user = await begun({ status: "pending" });
    const reset = await linkToken(user.id, "reset_password");
    expect(await problemOf(await open({ flow: user.flow, code: wrong(user.code) }))).toEqual(refused);
    expect((await problemOf(await login(user.email))).code).toBe("email_not_verified");
    expect((await open({ flow: user.flow, token: user.token })).status).toBe(200);
    expect(await owner.select().from(users).where(eq(users.id, user.id))).toMatchObject([
      { status: "active", passwordHash: null, passwordVersion: 2 },
    ]);
    expect((await problemOf(await login(user.email))).code).toBe("invalid_credentials");
    expect(await owner.$count(tokens, eq(tokens.userId, user.id))).toBe(0);
    const late = await post("reset-password", { token: reset, password: PASSWORD });
    expect((await problemOf(late)).code).toBe("invalid_link");
    expect((await eventsOf(user.id)).filter((type) => type === "user.verified")).toHaveLength(1);
  });

  it("a pending account is adopted once by twenty at once", async () => {
    const { id, flow, code } = await begun({ status: "pending" });
    const statuses = (await twenty(() => open({ flow, code }))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(await sessionsOf(id)).toBe(1);
    expect((await eventsOf(id)).filter((type) => type === "user.verified")).toHaveLength(1);
  });

  it("failures count for the account, over all its sign-ins, and a right code takes them back", async () => {
    const user = await begun();
    for (let tries = 0; tries < 3; tries++) await open({ flow: user.flow, code: wrong(user.code) });
    expect(await failuresOf(user.email)).toBe(3);
    expect((await open({ flow: user.flow, code: user.code })).status).toBe(200);
    expect(await failuresOf(user.email)).toBe(0);
  });

  it("guesses over many flows are as bounded as passwords; a known device goes on", async () => {
    const user = await storedUser();
    const { deviceToken } = TokensWithDevice.parse(await (await login(user.email)).json());
    const flows = await twenty(() => flowOf(user.email));
    const { code } = await mailedTo(user.id);
    const answers = await Promise.all(flows.map((flow) => open({ flow, code: wrong(code) })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    const last = flows[19];
    expect((await open({ flow: last, code })).status).toBe(429);
    expect((await open({ flow: last, code, deviceToken })).status).toBe(200);
  });

  it("the failure that locks the account is told to its owner", async () => {
    const user = await begun();
    const lastAt = new Date(Date.now() - 7_200_000);
    await owner
      .insert(accountAttempts)
      .values({ account: accountKey(sql`${user.email}`), failures: 19, lastAt });
    await open({ flow: user.flow, code: wrong(user.code) });
    expect(await eventsOf(user.id)).toContain("account.locked");
  });
});
