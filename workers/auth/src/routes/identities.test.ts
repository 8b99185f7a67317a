import { env } from "cloudflare:workers";
import { withTransaction } from "@souk/db/client";
import { sessions, users } from "@souk/db/schema/auth";
import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { exports as copies } from "@souk/db/schema/auth-account-life";
import { authorizations, identities } from "@souk/db/schema/auth-identities";
import { loginChallenges } from "@souk/db/schema/auth-second-factor";
import { unseal } from "@souk/kit/envelope";
import { HOLDERS } from "@souk/kit/personal-data";
import { and, eq, isNull, sql } from "drizzle-orm";
import { describe, expect, inject, it, vi } from "vitest";
import {
  actorHeader,
  contextAt,
  eventsOf,
  linkToken,
  loggedIn,
  openedSession,
  owner,
  PASSWORD,
  post,
  problemOf,
  sessionEventsOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { callAs, consumeAll, DAY_MS, deleteAccountOf, erasedBy, erasureOf, pageOf } from "../../test/life.ts";
import {
  authorizationOf,
  begun,
  broughtBack,
  configureProviders,
  newSubject,
  REDIRECT_URI,
  signedIn,
  toldTo,
} from "../../test/openid.ts";
import { justBefore } from "../../test/races.ts";
import { ask, codeOf, freshCodes, protectedUser } from "../../test/second-factor.ts";
import type { Script } from "../../../../local/openid/script.ts";
import { LIMITS } from "../limits.ts";
import { Identities, Identity } from "../provider-schemas.ts";
import { PersonExport } from "../account-life-schemas.ts";
import { Tokens } from "../session-schemas.ts";
import { SecondFactorChallenge, SteppedUp, TokensWithDevice } from "../second-factor-schemas.ts";
import { accountKey } from "../services/allow-account.ts";
import { REFRESH_PURPOSE, refreshRow } from "../services/prove-identity.ts";
import { resealIdentities } from "../services/reseal-identities.ts";
import { startErasures } from "../services/start-erasures.ts";
import { storeExport } from "../services/store-export.ts";
import { sweepExpired } from "../services/sweep-expired.ts";

configureProviders("revoking");

type Headers = Record<string, string>;
const begin = (headers: Headers, provider = "acme", password: string | undefined = PASSWORD) =>
  post("identity-authorizations", { provider, redirectUri: REDIRECT_URI, password }, headers);

/** Links an identity, from beginning to end. */
async function linked(headers: Headers, script: Partial<Script> & { subject: string }, provider = "acme") {
  const back = broughtBack(await authorizationOf(await begin(headers, provider)), script);
  return post("identities", { provider, ...back }, headers);
}

const person = async () => {
  const user = await storedUser();
  return { ...user, headers: actorHeader((await loggedIn(user.email)).accessToken) };
};
/** Somebody who has but an identity. */
async function newcomer(subject = newSubject(), script: Partial<Script> = {}) {
  const tokens = Tokens.parse(await (await signedIn({ subject, ...script })).json());
  return {
    subject,
    id: tokens.user.id,
    accessToken: tokens.accessToken,
    headers: actorHeader(tokens.accessToken),
  };
}
const idsOf = async (headers: Headers) =>
  Identities.parse(await (await ask("GET", "identities", headers)).json()).items.map(({ id }) => id);
const unlink = (headers: Headers, id = "") => ask("DELETE", `identities/${id}`, headers);
const CONFLICT = { status: 409, code: "conflict" };

describe("linking", () => {
  it("adds a way in, whatever its address, and tells of it", async () => {
    const { id, email, headers } = await person();
    const subject = newSubject();
    const answer = await linked(headers, { subject });
    expect(answer.status).toBe(201);
    const identity = Identity.parse(await answer.json());
    expect(identity).toMatchObject({ provider: "acme", email: `${subject}@example.com` });
    expect(await idsOf(headers)).toEqual([identity.id]);
    expect(await eventsOf(id)).toEqual(["identity.linked"]);
    const { user } = Tokens.parse(await (await signedIn({ subject })).json());
    expect(user).toMatchObject({ id, email });
  });

  it("needs the password, and a log-in", async () => {
    const { headers } = await person();
    for (const password of ["Wrong-horse-1", ""])
      expect(await problemOf(await begin(headers, "acme", password))).toEqual({
        status: 400,
        code: "validation_failed",
      });
    const without = await post(
      "identity-authorizations",
      { provider: "acme", redirectUri: REDIRECT_URI },
      headers,
    );
    expect(await problemOf(without)).toEqual({ status: 400, code: "validation_failed" });
    expect((await begin({})).status).toBe(401);
    expect((await begin(headers, "nobody")).status).toBe(404);
  });

  it("needs the second factor where one is on", async () => {
    const { id, tokens, headers } = await protectedUser();
    expect(await problemOf(await begin(headers))).toEqual({ status: 403, code: "second_factor_required" });
    const up = SteppedUp.parse(await (await post("step-up", { code: await codeOf(id) }, headers)).json());
    const level2 = actorHeader(up.accessToken);
    expect((await linked(level2, { subject: newSubject() })).status).toBe(201);
    const [identity] = await idsOf(headers);
    expect(await problemOf(await unlink(actorHeader(tokens.accessToken), identity))).toEqual({
      status: 403,
      code: "second_factor_required",
    });
    expect((await unlink(level2, identity)).status).toBe(204);
  });

  it("is ended only by who began it, and never by a log-in", async () => {
    const [ada, bob] = [await person(), await person()];
    const back = broughtBack(await authorizationOf(await begin(ada.headers)), { subject: newSubject() });
    const refused = { status: 401, code: "invalid_authorization" };
    expect(await problemOf(await post("identities", { provider: "acme", ...back }, bob.headers))).toEqual(
      refused,
    );
    expect(await problemOf(await post("providers/acme/sessions", back))).toEqual(refused);
    const answers = await twenty(() => post("identities", { provider: "acme", ...back }, ada.headers));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await eventsOf(ada.id)).toEqual(["identity.linked"]);
  });

  it("takes nobody's identity, no second of a provider, and no address that is not verified", async () => {
    const { subject } = await newcomer();
    const { headers } = await person();
    expect(await problemOf(await linked(headers, { subject }))).toEqual(CONFLICT);
    const unverified = await linked(headers, { subject: newSubject(), claims: { email_verified: false } });
    expect(await problemOf(unverified)).toEqual({ status: 403, code: "email_not_verified" });
    expect((await linked(headers, { subject: newSubject() })).status).toBe(201);
    expect(await problemOf(await linked(headers, { subject: newSubject() }))).toEqual(CONFLICT);
  });

  it("gives an identity to one, of five people who link it at once", async () => {
    const subject = newSubject();
    const people = await Promise.all(Array.from({ length: 5 }, person));
    const answers = await Promise.all(people.map(({ headers }) => linked(headers, { subject })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(4);
  });
});

describe("unlinking", () => {
  it("leaves the password, tells of it, and has the provider revoke its token", async () => {
    const { id, headers } = await person();
    const refreshToken = crypto.randomUUID();
    expect((await linked(headers, { subject: newSubject(), refreshToken }, "revoking")).status).toBe(201);
    const [identity] = await idsOf(headers);
    expect((await unlink(headers, identity)).status).toBe(204);
    expect(await idsOf(headers)).toEqual([]);
    expect(await eventsOf(id)).toEqual(["identity.linked", "identity.unlinked"]);
    await vi.waitFor(async () => expect((await toldTo("revoking")).revoked).toContain(refreshToken), {
      timeout: 10_000,
    });
    expect((await unlink(headers, identity)).status).toBe(404);
  });

  it("ends the other sessions, and log-ins that wait for their code", async () => {
    const { id, email, headers } = await person();
    const subject = newSubject();
    expect((await linked(headers, { subject })).status).toBe(201);
    const theirs = Tokens.parse(await (await signedIn({ subject })).json());
    const other = await openedSession({ id, email });
    await owner.insert(loginChallenges).values({
      id: crypto.randomUUID(),
      userId: id,
      hash: crypto.randomUUID(),
      passwordVersion: 1,
      createdAt: new Date(),
      expiresAt: new Date(Date.now() + 60_000),
    });
    const [identity] = await idsOf(headers);
    expect((await unlink(headers, identity)).status).toBe(204);
    expect((await post("refresh", { refreshToken: theirs.refreshToken })).status).toBe(401);
    const all = await owner.select().from(sessions).where(eq(sessions.userId, id));
    expect(all.filter(({ revokedReason }) => revokedReason === "identity_unlinked")).toHaveLength(2);
    expect(all.find((session) => session.id === other.sessionId)?.revokedAt).not.toBeNull();
    expect(all.filter(({ revokedAt }) => revokedAt === null)).toHaveLength(1);
    const told = (await sessionEventsOf(id)).filter(({ type }) => type === "session.revoked");
    expect(told.map(({ data }) => data["reason"])).toEqual(["identity_unlinked", "identity_unlinked"]);
    expect(await owner.$count(loginChallenges, eq(loginChallenges.userId, id))).toBe(0);
    expect(await idsOf(headers)).toEqual([]);
  });

  it("that is refused, or of a sign-in at the same moment, leaves no session behind", async () => {
    const { id, headers } = await newcomer();
    await openedSession({ id, email: "ada@example.com" });
    const [only] = await idsOf(headers);
    expect((await unlink(headers, only)).status).toBe(409);
    const live = and(eq(sessions.userId, id), isNull(sessions.revokedAt));
    expect(await owner.$count(sessions, live)).toBe(2);

    const { id: userId, headers: mine } = await person();
    const subject = newSubject();
    expect((await linked(mine, { subject })).status).toBe(201);
    const [identity] = await idsOf(mine);
    const [answer] = await Promise.all([
      unlink(mine, identity),
      ...Array.from({ length: 4 }, () => signedIn({ subject })),
    ]);
    expect(answer.status).toBe(204);
    const left = await owner
      .select()
      .from(sessions)
      .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)));
    expect(left).toHaveLength(1);
  });

  it("leaves no challenge of a sign-in that had found the identity still linked", async () => {
    const { id, headers } = await protectedUser();
    const up = await post("step-up", { code: await codeOf(id) }, headers);
    const lifted = actorHeader(SteppedUp.parse(await up.json()).accessToken);
    const subject = newSubject();
    expect((await linked(lifted, { subject })).status).toBe(201);
    expect(await (await signedIn({ subject })).json()).toHaveProperty("challenge");
    const [identity] = await idsOf(lifted);
    let unlinked: number | undefined;
    justBefore(/INSERT INTO .{1,20}login_challenges/, async () => {
      unlinked = (await unlink(lifted, identity)).status;
    });
    const answer = await signedIn({ subject });
    expect(unlinked).toBe(204);
    expect(await problemOf(answer)).toEqual({ status: 401, code: "invalid_authorization" });
    expect(await owner.$count(loginChallenges, eq(loginChallenges.userId, id))).toBe(0);
  });

  it("needs a session of the last day, or the second factor", async () => {
    const { id, email, headers } = await person();
    await linked(headers, { subject: newSubject() });
    const [identity] = await idsOf(headers);
    const before = await eventsOf(id);
    const openedOf = (createdAt: Date) =>
      owner.update(sessions).set({ createdAt }).where(eq(sessions.userId, id));
    await openedOf(new Date(Date.now() - DAY_MS));
    expect(await problemOf(await unlink(headers, identity))).toEqual({
      status: 403,
      code: "fresh_login_required",
    });
    expect(await idsOf(headers)).toEqual([identity]);
    expect(await eventsOf(id)).toEqual(before);
    await owner
      .update(sessions)
      .set({ revokedAt: new Date(), revokedReason: "logout" })
      .where(eq(sessions.userId, id));
    expect((await unlink(headers, identity)).status).toBe(401);
    const again = actorHeader((await loggedIn(email)).accessToken);
    expect((await unlink(again, identity)).status).toBe(204);

    const guarded = await protectedUser();
    const up = await post("step-up", { code: await codeOf(guarded.id) }, guarded.headers);
    const lifted = actorHeader(SteppedUp.parse(await up.json()).accessToken);
    await freshCodes(guarded.id);
    await linked(lifted, { subject: newSubject() });
    await owner
      .update(sessions)
      .set({ createdAt: new Date(Date.now() - 2 * DAY_MS) })
      .where(eq(sessions.userId, guarded.id));
    const [theirs] = await idsOf(lifted);
    expect((await unlink(lifted, theirs)).status).toBe(204);
  });

  it("never takes the last way in, also not of two that are unlinked at once", async () => {
    const { id, headers } = await newcomer();
    const [only] = await idsOf(headers);
    expect(await problemOf(await unlink(headers, only))).toEqual(CONFLICT);
    const begun = await post(
      "identity-authorizations",
      { provider: "posting", redirectUri: REDIRECT_URI },
      headers,
    );
    const back = broughtBack(await authorizationOf(begun), { subject: newSubject() });
    expect((await post("identities", { provider: "posting", ...back }, headers)).status).toBe(201);
    const ids = await idsOf(headers);
    const unlinking: Promise<Response>[] = [];
    await withTransaction(env.DATABASE_URL, inject("neon"), async (transaction) => {
      await transaction.execute(sql`SELECT FROM ${identities} WHERE user_id = ${id}::uuid FOR UPDATE`);
      unlinking.push(...ids.map((identity) => unlink(headers, identity)));
      const waiting = sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await vi.waitFor(async () => expect((await owner.execute(waiting)).rows).toHaveLength(2), {
        timeout: 10_000,
      });
    });
    const answers = await Promise.all(unlinking);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204, 409]));
    expect(await idsOf(headers)).toHaveLength(1);
  });

  it("counts no way that the operator has taken out", async () => {
    const { id, headers } = await newcomer();
    const [only] = await idsOf(headers);
    await owner.insert(identities).values({
      id: crypto.randomUUID(),
      userId: id,
      provider: "taken-out",
      subject: newSubject(),
      email: "grace@example.com",
      createdAt: new Date(),
      lastUsedAt: new Date(),
    });
    expect(await problemOf(await unlink(headers, only))).toEqual(CONFLICT);
    const other = (await idsOf(headers)).find((one) => one !== only);
    expect((await unlink(headers, other)).status).toBe(204);
  });

  it("is for one's own alone", async () => {
    const [ada, bob] = [await person(), await newcomer()];
    const [identity] = await idsOf(bob.headers);
    expect(await problemOf(await unlink(ada.headers, identity))).toEqual({ status: 404, code: "not_found" });
    expect(await idsOf(bob.headers)).toEqual([identity]);
  });
});

describe("who has no password", () => {
  it("proves themselves by a session of the last ten minutes", async () => {
    const { id, accessToken, headers, subject } = await newcomer();
    expect((await post("second-factor", {}, headers)).status).toBe(201);
    expect((await post("export", {}, headers)).status).toBe(202);
    const createdAt = new Date(Date.now() - 601_000);
    await owner.update(sessions).set({ createdAt }).where(eq(sessions.userId, id));
    const stale = { status: 403, code: "fresh_login_required" };
    for (const [method, path] of [
      ["POST", "second-factor"],
      ["POST", "deactivate"],
      ["DELETE", "account"],
    ] as const)
      expect(await problemOf(await callAs(accessToken, method, path, {}))).toEqual(stale);
    const fresh = Tokens.parse(await (await signedIn({ subject })).json());
    expect((await callAs(fresh.accessToken, "DELETE", "account", {})).status).toBe(200);
  });

  it("sets one by the mailed link, and then logs in with it", async () => {
    const { id, headers, subject } = await newcomer();
    const token = await linkToken(id, "reset_password");
    expect((await post("reset-password", { token, password: PASSWORD })).status).toBe(200);
    const { accessToken } = await loggedIn(`${subject}@example.com`);
    const [identity] = await idsOf(headers);
    expect((await unlink(actorHeader(accessToken), identity)).status).toBe(204);
  });

  it("cannot leave the password out once there is one", async () => {
    const { email } = await person();
    const { accessToken } = await loggedIn(email);
    expect(await problemOf(await callAs(accessToken, "DELETE", "account", {}))).toEqual({
      status: 400,
      code: "validation_failed",
    });
    const answer = await callAs(accessToken, "POST", "second-factor", {});
    expect(await problemOf(answer)).toEqual({ status: 400, code: "validation_failed" });
  });
});

describe("with a second factor", () => {
  it("a sign-in gives a challenge, and on a trusted device the session", async () => {
    const { id, headers } = await protectedUser();
    const up = SteppedUp.parse(await (await post("step-up", { code: await codeOf(id) }, headers)).json());
    const subject = newSubject();
    expect((await linked(actorHeader(up.accessToken), { subject })).status).toBe(201);
    await freshCodes(id);
    const { challenge } = SecondFactorChallenge.parse(await (await signedIn({ subject })).json());
    const proof = { challenge, code: await codeOf(id), trustDevice: true };
    const { deviceToken } = TokensWithDevice.parse(await (await post("login/second-factor", proof)).json());
    const begin = await post("providers/acme/authorizations", { redirectUri: REDIRECT_URI });
    const back = broughtBack(await authorizationOf(begin), { subject });
    Tokens.parse(await (await post("providers/acme/sessions", { ...back, deviceToken })).json());
  });

  it("a device that was signed in on passes it while strangers keep the account locked", async () => {
    const { id, email, headers } = await protectedUser();
    const up = SteppedUp.parse(await (await post("step-up", { code: await codeOf(id) }, headers)).json());
    const subject = newSubject();
    expect((await linked(actorHeader(up.accessToken), { subject })).status).toBe(201);
    const challengeWith = async (deviceToken?: string) => {
      const back = broughtBack(await begun("acme"), { subject });
      const answer = await post("providers/acme/sessions", { ...back, deviceToken });
      return SecondFactorChallenge.parse(await answer.json()).challenge;
    };
    const pass = async (challenge: string) => {
      await freshCodes(id);
      return post("login/second-factor", { challenge, code: await codeOf(id) });
    };
    const { deviceToken } = TokensWithDevice.parse(await (await pass(await challengeWith())).json());
    await owner
      .insert(accountAttempts)
      .values({ account: accountKey(sql`${email}`), failures: LIMITS.failures.lock, lastAt: new Date() });
    expect((await pass(await challengeWith())).status).toBe(429);
    expect((await pass(await challengeWith(deviceToken))).status).toBe(200);
  });

  it("an account is not linked by its address alone", async () => {
    const { id, email } = await protectedUser();
    const answer = await signedIn({ subject: newSubject(), claims: { email } });
    expect(await problemOf(answer)).toEqual(CONFLICT);
    expect(await owner.select().from(identities).where(eq(identities.userId, id))).toEqual([]);
  });
});

it("goes into its owner's copy without the provider's token, and with the account", async () => {
  const { id: userId, headers, subject } = await newcomer(newSubject(), { refreshToken: "a-refresh-token" });
  expect((await post("export", {}, headers)).status).toBe(202);
  const [copy] = await owner.select().from(copies).where(eq(copies.userId, userId));
  for (const service of HOLDERS)
    await storeExport(contextAt(), service, { userId, exportId: copy?.id ?? "" }, [pageOf([])]);
  const { data } = PersonExport.parse(await (await ask("GET", "export", headers)).json());
  expect(data?.["auth"]?.["identities"]).toMatchObject([{ provider: "acme", subject }]);
  const [identity] = await owner.select().from(identities).where(eq(identities.userId, userId));
  expect(identity?.sealedRefreshToken).toMatch(/^[\w.-]+$/);
  expect(JSON.stringify(data)).not.toContain(identity?.sealedRefreshToken);
  await owner.delete(users).where(eq(users.id, userId));
  expect(await owner.select().from(identities).where(eq(identities.subject, subject))).toEqual([]);
});

it("is revoked at its provider when the person is erased", async () => {
  const { id, email, headers } = await person();
  const refreshToken = crypto.randomUUID();
  expect((await linked(headers, { subject: newSubject(), refreshToken }, "revoking")).status).toBe(201);
  const { accessToken } = await loggedIn(email);
  expect((await deleteAccountOf(accessToken)).status).toBe(200);
  await startErasures(contextAt(() => new Date(Date.now() + 15 * DAY_MS)));
  const erasureId = (await erasureOf(id))?.id ?? "";
  const answers = HOLDERS.map((service) => erasedBy(service, { userId: id, erasureId }, {}));
  await consumeAll(...answers.slice(1));
  expect((await toldTo("revoking")).revoked).not.toContain(refreshToken);
  await consumeAll(...answers);
  await vi.waitFor(async () => expect((await toldTo("revoking")).revoked).toContain(refreshToken), {
    timeout: 10_000,
  });
  expect(await owner.$count(identities, eq(identities.userId, id))).toBe(0);
});

describe("the hourly sweep", () => {
  it("seals providers' tokens anew after a change of keys, and each opens as before", async () => {
    const { subject } = await newcomer(newSubject(), { refreshToken: "a-refresh-token" });
    const [newest = "", older = ""] = contextAt().env.DATA_KEYS.map((key) =>
      Buffer.from(key).toString("base64url"),
    );
    const only = (...keys: string[]) => contextAt(() => new Date(), { DATA_KEYS: JSON.stringify(keys) });
    expect(await resealIdentities(only(older, newest))).toBeGreaterThan(0);
    expect(await resealIdentities(only(older, newest))).toBe(0);
    const [identity] = await owner.select().from(identities).where(eq(identities.subject, subject));
    const place = { purpose: REFRESH_PURPOSE, rowId: refreshRow("acme", subject) };
    const { DATA_KEYS } = only(older).env;
    expect(await unseal(DATA_KEYS, identity?.sealedRefreshToken ?? "", place)).toBe("a-refresh-token");
    await expect(resealIdentities(only(newest))).rejects.toThrow(/data key that is not there/);
  });

  it("takes away what nobody came back from", async () => {
    const { headers } = await person();
    await begin(headers);
    await sweepExpired(contextAt());
    expect(await owner.$count(authorizations)).toBeGreaterThan(0);
    await sweepExpired(contextAt(() => new Date(Date.now() + 601_000)));
    expect(await owner.$count(authorizations)).toBe(0);
  });
});
