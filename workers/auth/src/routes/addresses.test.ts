import { emailChanges } from "@souk/db/schema/auth-account-life";
import { users } from "@souk/db/schema/auth";
import { eq, inArray } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
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
import { accountOf, callAs, cheapenPassword, DAY_MS } from "../../test/life.ts";
import { justBefore } from "../../test/races.ts";
import { confirmEmailChange } from "../services/confirm-email-change.ts";
import { mintLink } from "../services/mint-link.ts";
import { readFormerContact } from "../services/read-former-contact.ts";

const ask = (accessToken: string, email: string, password = PASSWORD): Promise<Response> =>
  callAs(accessToken, "POST", "change-email", { email, password });

const confirm = (token: string): Promise<Response> => post("confirm-email-change", { token });

/** A person who has asked for another address. */
async function asking(newEmail = newAddress()) {
  const { id: userId, email } = await storedUser();
  const { accessToken } = await loggedIn(email);
  const answer = await ask(accessToken, newEmail);
  expect([answer.status, await answer.json()]).toEqual([202, { accepted: true }]);
  return { userId, email, newEmail, accessToken };
}

const bothTokens = async (userId: string): Promise<[string, string]> => [
  await linkToken(userId, "leave_email"),
  await linkToken(userId, "join_email"),
];

/** As if the last request were two minutes old. */
const aMinuteLater = (userId: string) =>
  owner
    .update(emailChanges)
    .set({ requestedAt: new Date(Date.now() - 120_000) })
    .where(eq(emailChanges.userId, userId));

describe("a change of address", () => {
  it.each([
    ["old", [0, 1]],
    ["new", [1, 0]],
  ] as const)("takes effect when both have confirmed, the %s one first", async (_, order) => {
    const { userId, email, newEmail } = await asking();
    expect(await mintLink(contextAt(), userId, "leave_email")).toMatchObject({ email });
    expect(await mintLink(contextAt(), userId, "join_email")).toMatchObject({ email: newEmail });
    const resetToken = await linkToken(userId, "reset_password");
    const tokens = await bothTokens(userId);
    const [first, second] = [tokens[order[0]], tokens[order[1]]];
    for (let repeat = 0; repeat < 2; repeat++) {
      const answer = await confirm(first);
      expect([answer.status, await answer.json()]).toEqual([200, { confirmed: true }]);
      expect((await accountOf(userId))?.email).toBe(email);
    }
    expect(await readFormerContact(contextAt(), userId)).toBeNull();
    for (let repeat = 0; repeat < 2; repeat++) expect((await confirm(second)).status).toBe(200);
    expect((await accountOf(userId))?.email).toBe(newEmail);
    expect(await eventsOf(userId)).toEqual(["address.change_requested", "address.changed"]);
    expect(await readFormerContact(contextAt(), userId)).toMatchObject({ email });
    expect((await login(email)).status).toBe(401);
    expect((await login(newEmail)).status).toBe(200);
    const reset = await post("reset-password", { token: resetToken, password: "New-horse-22" });
    expect(await problemOf(reset)).toEqual({ status: 400, code: "invalid_link" });
  });

  it("takes effect once when both confirm twenty times at once", async () => {
    const { userId, newEmail } = await asking();
    const [leave, join] = await bothTokens(userId);
    const answers = await twenty((index) => confirm(index % 2 === 0 ? leave : join));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await accountOf(userId))?.email).toBe(newEmail);
    expect(await eventsOf(userId)).toEqual(["address.change_requested", "address.changed"]);
  });

  it("is void after 24 hours, and with the next request, whose links alone count", async () => {
    const { userId, email, accessToken } = await asking();
    const [leave, join] = await bothTokens(userId);
    await expect(
      confirmEmailChange(
        contextAt(() => new Date(Date.now() + DAY_MS + 60_000)),
        { token: leave },
      ),
    ).rejects.toMatchObject({ code: "invalid_link" });
    await confirm(leave);
    await aMinuteLater(userId);
    expect((await ask(accessToken, newAddress())).status).toBe(202);
    for (const token of [leave, join])
      expect(await problemOf(await confirm(token))).toEqual({ status: 400, code: "invalid_link" });
    expect((await confirm(await linkToken(userId, "join_email"))).status).toBe(200);
    expect((await accountOf(userId))?.email).toBe(email);
  });

  it("can be asked for once a minute, also by twenty at once", async () => {
    const { userId, accessToken } = await asking();
    const again = await ask(accessToken, newAddress());
    expect(await problemOf(again)).toEqual({ status: 429, code: "too_many_requests" });
    await aMinuteLater(userId);
    await cheapenPassword(userId);
    const answers = await twenty(async () => (await ask(accessToken, newAddress())).status);
    expect(answers.filter((status) => status === 202)).toHaveLength(1);
    expect(answers.filter((status) => status === 429)).toHaveLength(19);
    expect(await eventsOf(userId)).toEqual(["address.change_requested", "address.change_requested"]);
  });

  it("says how long to wait, and that the account was changed when it was", async () => {
    const { userId, accessToken } = await asking();
    await owner
      .update(emailChanges)
      .set({ requestedAt: new Date(Date.now() - 40_000) })
      .where(eq(emailChanges.userId, userId));
    const early = await ask(accessToken, newAddress());
    expect(early.status).toBe(429);
    const wait = Number(early.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(5);
    expect(wait).toBeLessThanOrEqual(20);
    await aMinuteLater(userId);
    justBefore(/INSERT INTO .{1,20}email_changes/, () =>
      owner.update(users).set({ passwordVersion: 2 }).where(eq(users.id, userId)),
    );
    const changed = await ask(accessToken, newAddress());
    expect(await problemOf(changed)).toEqual({ status: 409, code: "conflict" });
    expect(await eventsOf(userId)).toEqual(["address.change_requested"]);
  });

  it("refuses a wrong password, the present address and what is none", async () => {
    const { id: userId, email } = await storedUser();
    const { accessToken } = await loggedIn(email);
    const answers = [
      await ask(accessToken, newAddress(), "Wrong-horse-1"),
      await ask(accessToken, ` ${email.toUpperCase()}`),
      await ask(accessToken, "no address"),
      await ask(accessToken, "a@b.example\r\nBcc: eve@example.com"),
      await callAs(accessToken, "POST", "change-email", { email: newAddress() }),
    ];
    for (const answer of answers)
      expect(await problemOf(answer)).toEqual({ status: 400, code: "validation_failed" });
    expect(await eventsOf(userId)).toEqual([]);
    for (const token of ["x", "a".repeat(43)])
      expect(await problemOf(await confirm(token))).toEqual({ status: 400, code: "invalid_link" });
  });
});

describe("an address that somebody has", () => {
  it("is told to nobody: the same answers, no link to its owner, and nothing changes", async () => {
    const taken = await storedUser();
    const { userId, email } = await asking(taken.email);
    expect(await mintLink(contextAt(), userId, "join_email")).toBeNull();
    const answer = await confirm(await linkToken(userId, "leave_email"));
    expect([answer.status, await answer.json()]).toEqual([200, { confirmed: true }]);
    expect(await accountOf(userId)).toMatchObject({ email });
    expect(await accountOf(taken.id)).toMatchObject({ email: taken.email });
    expect(await eventsOf(userId)).toEqual(["address.change_requested"]);
    expect(await eventsOf(taken.id)).toEqual([]);
  });

  it("that was taken after the links were mailed changes nothing, with the same answer", async () => {
    const { userId, email, newEmail } = await asking();
    const [leave, join] = await bothTokens(userId);
    await storedUser({ email: newEmail });
    for (const token of [leave, join, leave]) expect((await confirm(token)).status).toBe(200);
    expect(await accountOf(userId)).toMatchObject({ email });
    expect(await eventsOf(userId)).toEqual(["address.change_requested"]);
  });

  it("goes to one of several who confirm it at once, and all get the same answer", async () => {
    const wanted = newAddress();
    const people = await Promise.all(Array.from({ length: 5 }, () => asking(wanted)));
    const tokens = await Promise.all(people.map(({ userId }) => bothTokens(userId)));
    for (const [leave] of tokens) await confirm(leave);
    const answers = await Promise.all(tokens.map(([, join]) => confirm(join)));
    expect(answers.map(({ status }) => status)).toEqual(people.map(() => 200));
    const ids = people.map(({ userId }) => userId);
    const winners = (await owner.select().from(users).where(inArray(users.id, ids))).filter(
      ({ email }) => email === wanted,
    );
    expect(winners).toHaveLength(1);
    const told = await Promise.all(ids.map(eventsOf));
    expect(told.flat().filter((type) => type === "address.changed")).toHaveLength(1);
  });
});
