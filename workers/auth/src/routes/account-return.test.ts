import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { users } from "@souk/db/schema/auth";
import { log } from "@souk/db/schema/events";
import { HOLDERS } from "@souk/kit/personal-data";
import { and, eq, like, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  contextAt,
  loggedIn,
  login,
  openedSession,
  owner,
  PASSWORD,
  post,
  problemOf,
  sessionEventsOf,
  storedUser,
} from "../../test/actions.ts";
import { inTransaction, untilBlocked } from "../../test/races.ts";
import {
  accountOf,
  callAs,
  consumeAll,
  DAY_MS,
  deleteAccountOf,
  erasedBy,
  erasureOf,
} from "../../test/life.ts";
import { challengeOf, codeOf, freshCodes, protectedUser } from "../../test/second-factor.ts";
import { SteppedUp, TokensWithDevice } from "../second-factor-schemas.ts";
import { accountKey } from "../services/allow-account.ts";
import { startErasures } from "../services/start-erasures.ts";

const ASLEEP = [
  ["DELETE", "account", "deleting", "deletion", "account.deletion_requested"],
  ["POST", "deactivate", "deactivated", "deactivation", "account.deactivated"],
] as const;

const pass = (challenge: string, code: string, trustDevice = false): Promise<Response> =>
  post("login/second-factor", { challenge, code, trustDevice });

/** A person with a second factor, proved in the session of the access token. */
async function provedUser() {
  const user = await protectedUser();
  const up = await post("step-up", { code: await codeOf(user.id) }, user.headers);
  await freshCodes(user.id);
  return { ...user, accessToken: SteppedUp.parse(await up.json()).accessToken };
}

/** The events that tell of a person's leavings and returns, each with the number of the change. */
async function presenceEventsOf(userId: string) {
  const rows = await owner
    .select({ type: log.type, change: sql`(${log.data}->>'change')::int` })
    .from(log)
    .where(and(eq(log.aggregateId, userId), like(log.type, "account.%")))
    .orderBy(log.id);
  return rows.map(({ type, change }) => [type, change]);
}

const attemptsAt = (email: string): Promise<number> =>
  owner.$count(accountAttempts, eq(accountAttempts.account, accountKey(sql`${email}::text`)));

describe.each(ASLEEP)("%s %s", (method, path, status, reason, event) => {
  const act = (accessToken: string) => callAs(accessToken, method, path, { password: PASSWORD });

  it("tells of each session that it ends", async () => {
    const { id, email } = await storedUser();
    await loggedIn(email);
    await act((await loggedIn(email)).accessToken);
    const events = (await sessionEventsOf(id)).filter(({ type }) => type === "session.revoked");
    expect(events.map(({ data }) => data["reason"])).toEqual([reason, reason]);
  });

  it("numbers each leaving and each return, of twenty at once as well", async () => {
    const { id, email } = await storedUser();
    for (const leaving of [1, 3]) {
      expect((await act((await loggedIn(email)).accessToken)).status).toBe(200);
      const opening: ReturnType<typeof openedSession>[] = [];
      await inTransaction(async (transaction) => {
        await transaction.execute(sql`SELECT FROM ${users} WHERE id = ${id}::uuid FOR UPDATE`);
        for (let n = 0; n < 20; n++) opening.push(openedSession({ id, email }));
        await untilBlocked(5);
      });
      const opened = await Promise.all(opening);
      expect(opened.filter(({ sessionId }) => sessionId === null)).toEqual([]);
      expect((await presenceEventsOf(id)).slice(leaving - 1)).toEqual([
        [event, leaving],
        ["account.returned", leaving + 1],
      ]);
    }
  });

  it("of who has a second factor the account comes back with that, not with the password alone", async () => {
    const { id, email, accessToken } = await provedUser();
    expect((await act(accessToken)).status).toBe(200);
    const challenge = await challengeOf(email);
    expect(await accountOf(id)).toMatchObject({ status });
    expect((await pass(challenge, "no-such-code")).status).toBe(401);
    expect(await accountOf(id)).toMatchObject({ status });
    const back = TokensWithDevice.parse(await (await pass(challenge, await codeOf(id), true)).json());
    expect(back).toMatchObject({ restored: true, user: { status: "active" } });
    expect(await accountOf(id)).toMatchObject({ status: "active", deleteAfter: null });

    // The session has level 2 already.
    expect((await act(back.accessToken)).status).toBe(200);
    const trusted = await post("login", { email, password: PASSWORD, deviceToken: back.deviceToken });
    expect(await trusted.json()).toMatchObject({ restored: true, user: { status: "active" } });
  });

  it("a ban keeps it asleep", async () => {
    const { id, email } = await storedUser();
    await act((await loggedIn(email)).accessToken);
    await owner.update(users).set({ bannedAt: new Date(), banReason: "Spam" }).where(eq(users.id, id));
    expect(await problemOf(await login(email))).toMatchObject({ code: "account_banned" });
    expect(await accountOf(id)).toMatchObject({ status });
  });
});

it.each([
  ["DELETE", "account", {}],
  ["POST", "deactivate", {}],
  ["POST", "export", {}],
  ["POST", "change-email", { email: "elsewhere@example.com" }],
] as const)("%s %s needs the second factor of who has one", async (method, path, body) => {
  const { id, tokens, headers } = await protectedUser();
  const act = (accessToken: string) => callAs(accessToken, method, path, { ...body, password: PASSWORD });
  expect(await problemOf(await act(tokens.accessToken))).toEqual({
    status: 403,
    code: "second_factor_required",
  });
  expect(await accountOf(id)).toMatchObject({ status: "active" });
  const up = await post("step-up", { code: await codeOf(id) }, headers);
  expect((await act(SteppedUp.parse(await up.json()).accessToken)).status).toBeLessThan(300);
});

it("no second factor brings back who is being erased", async () => {
  const { id, email, accessToken } = await provedUser();
  await deleteAccountOf(accessToken);
  const challenge = await challengeOf(email);
  await startErasures(contextAt(() => new Date(Date.now() + 15 * DAY_MS)));
  expect((await pass(challenge, await codeOf(id))).status).toBe(401);
  expect(await accountOf(id)).toMatchObject({ status: "erasing" });
  expect((await login(email)).status).toBe(401);
});

it("with the account go the attempts at its address", async () => {
  const { id: userId, email } = await storedUser();
  await deleteAccountOf((await loggedIn(email)).accessToken);
  await startErasures(contextAt(() => new Date(Date.now() + 15 * DAY_MS)));
  expect((await login(email)).status).toBe(401);
  expect(await attemptsAt(email)).toBe(1);
  const erasureId = (await erasureOf(userId))?.id ?? "";
  await consumeAll(...HOLDERS.map((service) => erasedBy(service, { userId, erasureId }, {})));
  expect(await accountOf(userId)).toBeUndefined();
  expect(await attemptsAt(email)).toBe(0);
});
