import { exports } from "cloudflare:workers";
import { erasureParts } from "@souk/db/schema/auth-account-life";
import { sessions, users } from "@souk/db/schema/auth";
import { HOLDERS } from "@souk/kit/personal-data";
import { and, eq, isNull } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  actorHeader,
  contextAt,
  eventsOf,
  linkToken,
  loggedIn,
  login,
  owner,
  PASSWORD,
  post,
  problemOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import {
  accountOf,
  callAs,
  cheapenPassword,
  consumeAll,
  DAY_MS,
  deleteAccountOf,
  erasedBy,
  erasureOf,
} from "../../test/life.ts";
import { inTransaction, untilBlocked } from "../../test/races.ts";
import { LIMITS } from "../limits.ts";
import { Deletion } from "../account-life-schemas.ts";
import { Tokens } from "../session-schemas.ts";
import { mintLink } from "../services/mint-link.ts";
import { readContact } from "../services/read-contact.ts";
import { readErasure } from "../services/read-erasure.ts";
import { startErasures } from "../services/start-erasures.ts";

const liveSessions = async (userId: string): Promise<number> =>
  owner.$count(sessions, and(eq(sessions.userId, userId), isNull(sessions.revokedAt)));

const inDays = (days: number) => contextAt(() => new Date(Date.now() + days * DAY_MS));

const AWAKE = { status: "active", deleteAfter: null } as const;

/** An account whose erasure has begun. */
async function erasing() {
  const { id: userId, email } = await storedUser();
  await deleteAccountOf((await loggedIn(email)).accessToken);
  await startErasures(inDays(15));
  const erasure = await erasureOf(userId);
  if (erasure === undefined) throw new Error("no erasure was started");
  return { userId, email, erasureId: erasure.id };
}

describe.each([
  ["DELETE", "account", "deleting", "account.deletion_requested"],
  ["POST", "deactivate", "deactivated", "account.deactivated"],
] as const)("%s %s", (method, path, status, event) => {
  it("puts the account to sleep, ends every session, and a log-in brings it back", async () => {
    const { id: userId, email } = await storedUser();
    const { accessToken, refreshToken } = await loggedIn(email);
    await loggedIn(email);
    const answer = await callAs(accessToken, method, path, { password: PASSWORD });
    expect([answer.status, await answer.json()]).toMatchObject([200, { status }]);
    expect(await liveSessions(userId)).toBe(0);
    expect(await eventsOf(userId)).toEqual([event]);
    expect(await problemOf(await post("refresh", { refreshToken }))).toMatchObject({ status: 401 });

    expect((await login(email, "Wrong-horse-1")).status).toBe(401);
    expect(await accountOf(userId)).toMatchObject({ status });
    const back = Tokens.parse(await (await login(email)).json());
    expect(back).toMatchObject({ restored: true, user: { status: "active" } });
    expect(await accountOf(userId)).toMatchObject({ status: "active", deleteAfter: null });
    expect((await loggedIn(email)).restored).toBeUndefined();
    expect((await post("refresh", { refreshToken: back.refreshToken })).status).toBe(200);
  });

  it("asks for the password, and for a session that is alive", async () => {
    const { id: userId, email } = await storedUser();
    const { accessToken } = await loggedIn(email);
    const wrong = await callAs(accessToken, method, path, { password: "Wrong-horse-1" });
    expect(await problemOf(wrong)).toEqual({ status: 400, code: "validation_failed" });
    for (const body of [{}, { password: "" }, { password: PASSWORD, userId: crypto.randomUUID() }, []])
      expect((await callAs(accessToken, method, path, body)).status).toBe(400);
    expect(await accountOf(userId)).toMatchObject({ status: "active" });
    await post("logout", {}, actorHeader(accessToken));
    expect((await callAs(accessToken, method, path, { password: PASSWORD })).status).toBe(401);
    expect(await eventsOf(userId)).toEqual([]);
  });

  it("twenty times at once takes effect once", async () => {
    const { id: userId, email } = await storedUser();
    const { accessToken } = await loggedIn(email);
    await cheapenPassword(userId);
    const answers = await twenty(() => callAs(accessToken, method, path, { password: PASSWORD }));
    const bodies = new Set(
      await Promise.all(answers.filter(({ status }) => status === 200).map((answer) => answer.text())),
    );
    expect(bodies.size).toBe(1);
    // The first ends the session of the others; some are refused as attempts at the password.
    for (const answer of answers) expect([200, 401, 429]).toContain(answer.status);
    expect(await eventsOf(userId)).toEqual([event]);
    expect(await liveSessions(userId)).toBe(0);
  });

  it("a new password by mail does not bring it back by itself", async () => {
    const { id: userId, email } = await storedUser();
    const { accessToken } = await loggedIn(email);
    await callAs(accessToken, method, path, { password: PASSWORD });
    const token = await linkToken(userId, "reset_password");
    expect((await post("reset-password", { token, password: "New-horse-22" })).status).toBe(200);
    expect(await accountOf(userId)).toMatchObject({ status });
    expect(await (await login(email, "New-horse-22")).json()).toMatchObject({ restored: true });
  });

  it("an outdated hash is renewed by the log-in that brings the account back", async () => {
    const { id: userId, email } = await storedUser();
    const { accessToken } = await loggedIn(email);
    await callAs(accessToken, method, path, { password: PASSWORD });
    const passwordHash = await cheapenPassword(userId);
    expect((await loggedIn(email)).restored).toBe(true);
    const after = await accountOf(userId);
    expect(after?.status).toBe("active");
    expect(after?.passwordHash).not.toBe(passwordHash);
  });
});

describe("the grace", () => {
  it("is 14 days, and its end is told", async () => {
    const { email } = await storedUser();
    const before = Date.now();
    const { deleteAfter } = Deletion.parse(
      await (await deleteAccountOf((await loggedIn(email)).accessToken)).json(),
    );
    expect(LIMITS.deletionGrace).toBe(14 * 86_400);
    const grace = new Date(deleteAfter).getTime() - before;
    expect(grace).toBeGreaterThanOrEqual(14 * DAY_MS);
    expect(grace).toBeLessThan(14 * DAY_MS + 20_000);
  });

  it("starts no erasure before its end, and one after it, however many runs at once", async () => {
    const { id: userId, email } = await storedUser();
    await deleteAccountOf((await loggedIn(email)).accessToken);
    await startErasures(inDays(13.9));
    expect(await accountOf(userId)).toMatchObject({ status: "deleting" });
    await Promise.all(Array.from({ length: 20 }, () => startErasures(inDays(14.1))));
    expect(await accountOf(userId)).toMatchObject({ status: "erasing" });
    expect(await eventsOf(userId)).toEqual(["account.deletion_requested", "person.erasure_requested"]);
  });

  it("at its last moment a log-in that is under way wins over the cron", async () => {
    const { id: userId, email } = await storedUser();
    await deleteAccountOf((await loggedIn(email)).accessToken);
    await inTransaction(async (transaction) => {
      await transaction.update(users).set(AWAKE).where(eq(users.id, userId));
      expect(await startErasures(inDays(15))).toBe(0);
    });
    expect(await startErasures(inDays(15))).toBe(0);
    expect(await accountOf(userId)).toMatchObject({ status: "active" });
  });

  it("at its last moment an erasure that has begun wins over a log-in", async () => {
    const { id: userId, email } = await storedUser();
    await deleteAccountOf((await loggedIn(email)).accessToken);
    const answers: Promise<Response>[] = [];
    await inTransaction(async (transaction) => {
      await transaction.update(users).set({ status: "erasing" }).where(eq(users.id, userId));
      answers.push(login(email));
      await untilBlocked();
    });
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401]);
    expect(await accountOf(userId)).toMatchObject({ status: "erasing" });
    expect(await liveSessions(userId)).toBe(0);
  });
});

describe("an account that is being erased", () => {
  it("is known to nobody: no log-in, no contact, no link", async () => {
    const { userId, email } = await erasing();
    expect(await problemOf(await login(email))).toEqual({ status: 401, code: "invalid_credentials" });
    expect(await readContact(contextAt(), userId)).toBeNull();
    expect(await mintLink(contextAt(), userId, "reset_password")).toBeNull();
  });

  it("goes when every service has answered, in any order and however often", async () => {
    const { userId, erasureId } = await erasing();
    const first = HOLDERS.map((service) => erasedBy(service, { userId, erasureId }, { rows: 2 }));
    const repeats = HOLDERS.map((service) => erasedBy(service, { userId, erasureId }, { rows: 0 }));
    const [users_, ...rest] = first;
    if (users_ === undefined) throw new Error("no services");
    expect(await consumeAll(users_, users_, ...repeats.slice(0, 2))).toBe(4);
    expect(await accountOf(userId)).toMatchObject({ status: "erasing" });
    await Promise.all([...rest, ...repeats, ...rest].toReversed().map((answer) => consumeAll(answer)));
    expect(await accountOf(userId)).toBeUndefined();
    expect((await eventsOf(userId)).filter((type) => type === "account.erased")).toHaveLength(1);
    await consumeAll(...first, ...repeats);
    const admin = { userId, email: "admin@example.com", role: "admin" as const, sessionId: userId };
    const report = await readErasure(Object.assign(contextAt(), { actor: admin }), userId);
    expect(report.services).toEqual(Object.fromEntries(HOLDERS.map((service) => [service, { rows: 2 }])));
    expect(report.finishedAt).not.toBeNull();
  });

  it("is not taken for another's: an answer that names the wrong person or erasure counts nothing", async () => {
    const [one, other] = [await erasing(), await erasing()];
    const mixed = { userId: one.userId, erasureId: other.erasureId };
    await consumeAll(...HOLDERS.map((service) => erasedBy(service, mixed, { rows: 1 })));
    expect(await owner.$count(erasureParts, eq(erasureParts.erasureId, other.erasureId))).toBe(0);
    expect(await accountOf(one.userId)).toBeDefined();
    expect(await accountOf(other.userId)).toBeDefined();
  });

  it("is asked for again when a service has not answered within a day, and not once it is over", async () => {
    const { userId, erasureId } = await erasing();
    const asked = async () =>
      (await eventsOf(userId)).filter((type) => type === "person.erasure_requested").length;
    await startErasures(inDays(15.5));
    expect(await asked()).toBe(1);
    await startErasures(inDays(16.1));
    expect(await asked()).toBe(2);
    await consumeAll(...HOLDERS.map((service) => erasedBy(service, { userId, erasureId }, {})));
    await startErasures(inDays(18));
    expect(await asked()).toBe(2);
  });
});

describe("GET erasures/{id}", () => {
  it("is for admins alone", async () => {
    const { userId } = await erasing();
    const { accessToken } = await loggedIn((await storedUser()).email);
    const answer = await exports.default.fetch(`https://souk.test/api/v1/auth/erasures/${userId}`, {
      headers: actorHeader(accessToken),
    });
    expect(answer.status).toBe(403);
  });
});
