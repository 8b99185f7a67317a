import { exports } from "cloudflare:workers";
import { users } from "@souk/db/schema/auth";
import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { identities } from "@souk/db/schema/auth-identities";
import { securityEvents } from "@souk/db/schema/auth-security-events";
import { and, eq } from "drizzle-orm";
import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import {
  actorHeader,
  contextAt,
  headerOf,
  linkToken,
  loggedIn,
  newAddress,
  openedSession,
  owner,
  PASSWORD,
  post,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { createKey, keyFrom, rollKey } from "../../test/api-keys.ts";
import { callAs, cheapenPassword } from "../../test/life.ts";
import { configureProviders, newSubject, signedIn } from "../../test/openid.ts";
import { flowOf, mailedTo, wrong } from "../../test/mail-sign-ins.ts";
import {
  addedPasskey,
  askPasskeys,
  passkeyOwner,
  passkeyRows,
  signedInWith,
  switchPasskeysOn,
} from "../../test/passkeys.ts";
import { ask, challengeOf, codeOf, freshCodes, protectedUser } from "../../test/second-factor.ts";
import { later, LIMITS } from "../limits.ts";
import { SecondFactorChallenge, TokensWithDevice } from "../second-factor-schemas.ts";
import { SecurityEventPage } from "../security-event-schemas.ts";
import { findLogIn } from "../services/find-log-in.ts";
import { grantRole } from "../services/grant-role.ts";
import { logIn } from "../services/log-in.ts";
import { readOwnData } from "../services/read-own-data.ts";
import { sweepExpired } from "../services/sweep-expired.ts";

/** Passwords cost nothing here: there are many log-ins. */
vi.mock("../services/scrypt-hash.ts", async (original) => ({
  ...(await original<typeof import("../services/scrypt-hash.ts")>()),
  scryptBytes: (password: string, salt: Uint8Array, bytes: number) =>
    Promise.resolve(createHash("sha512").update(salt).update(password).digest().subarray(0, bytes)),
}));

configureProviders();
switchPasskeysOn();

const FIREFOX = {
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "cf-connecting-ip": "198.51.100.7",
};
const AT_FIREFOX = { device: "Firefox on Linux", address: "198.51.100.7" };
const WRONG = "Wrong-horse-1";

type Person = Pick<Awaited<ReturnType<typeof storedUser>>, "id" | "email">;

/** What a person reads in their log, the oldest first. */
async function logOf(person: Person) {
  const answer = await exports.default.fetch("https://souk.test/api/v1/auth/security-events?limit=100", {
    headers: headerOf(person, crypto.randomUUID()),
  });
  expect(answer.status).toBe(200);
  return SecurityEventPage.parse(await answer.json()).items.toReversed();
}
const typesOf = async (person: Person) => (await logOf(person)).map(({ type }) => type);
/** What has come to a log by some work; of one moment in any order. */
async function added(person: Person, work: () => Promise<unknown>) {
  const before = (await logOf(person)).map(({ id }) => id);
  await work();
  const come = (await logOf(person)).filter(({ id }) => !before.includes(id));
  return come
    .map(({ type, details }) => ({ type, ...details }))
    .toSorted((a, b) => (a.type < b.type ? -1 : 1));
}

/** A person who has logged in from a browser, with a password that takes little to compare. */
async function person() {
  const { id, email } = await storedUser();
  await cheapenPassword(id);
  const answer = await post("login", { email, password: PASSWORD }, FIREFOX);
  const { accessToken } = TokensWithDevice.parse(await answer.json());
  return { id, email, accessToken, headers: actorHeader(accessToken) };
}

describe("a sign-in", () => {
  it("says how, on which device, and whether that is new", async () => {
    const ada = await person();
    await post("login", { email: ada.email, password: PASSWORD }, FIREFOX);
    await post("login", { email: ada.email, password: PASSWORD }, { "cf-connecting-ip": "203.0.113.9" });
    expect(await logOf(ada)).toMatchObject([
      { type: "session.opened", count: 1, ...AT_FIREFOX, details: { method: "password", newDevice: false } },
      { type: "session.opened", ...AT_FIREFOX, details: { secondFactor: false, newDevice: false } },
      { device: "Unknown device", address: "203.0.113.9", details: { newDevice: true } },
    ]);
  });

  it("by mail is one, and its wrong code a failed one; a second factor after it knows how it began", async () => {
    const ada = await storedUser();
    const flow = await flowOf(ada.email);
    const { code } = await mailedTo(ada.id);
    const bad = () => post("mail-sign-ins/sessions", { flow, code: wrong(code) }, FIREFOX);
    expect(await added(ada, bad)).toMatchObject([{ type: "sign_in.failed" }]);
    const good = () => post("mail-sign-ins/sessions", { flow, code }, FIREFOX);
    expect(await added(ada, good)).toMatchObject([{ type: "session.opened", method: "mail" }]);
    expect(await logOf(ada)).toMatchObject([{ type: "sign_in.failed", count: 1, ...AT_FIREFOX }, {}]);
    const bob = await protectedUser();
    const begun = { flow: await flowOf(bob.email), ...(await mailedTo(bob.id)) };
    const answer = await post("mail-sign-ins/sessions", { flow: begun.flow, token: begun.token });
    const { challenge } = SecondFactorChallenge.parse(await answer.json());
    const second = async () => post("login/second-factor", { challenge, code: await codeOf(bob.id) });
    expect(await added(bob, second)).toMatchObject([
      { type: "session.opened", method: "mail", secondFactor: true },
    ]);
  });

  it("with a passkey is one; so are its coming and going", async () => {
    const { id, email, headers } = await passkeyOwner();
    const ada = { id, email };
    const passkey = await addedPasskey(headers);
    expect((await logOf(ada)).at(-1)).toMatchObject({ type: "passkey.added", details: { name: "my phone" } });
    expect(await added(ada, () => signedInWith(passkey))).toMatchObject([
      { type: "session.opened", method: "passkey", secondFactor: true },
    ]);
    const [row] = await passkeyRows(id);
    const gone = await added(ada, () => askPasskeys("DELETE", headers, row?.id));
    expect(gone).toMatchObject([{ type: "passkey.removed", name: "my phone" }, { type: "session.revoked" }]);
  });

  it("tells a provider's from a password's, before a second factor too", async () => {
    const ada = await storedUser();
    const claims = { email: ada.email, email_verified: true };
    expect(await added(ada, () => signedIn({ subject: newSubject(), claims }))).toMatchObject([
      { type: "identity.linked", provider: "The acme" },
      { type: "session.opened", method: "provider", provider: "The acme", secondFactor: false },
    ]);
    const bob = await protectedUser();
    const challenge = await challengeOf(bob.email);
    const code = await codeOf(bob.id);
    const passed = () => post("login/second-factor", { challenge, code, trustDevice: true }, FIREFOX);
    expect(await added(bob, passed)).toMatchObject([
      { type: "session.opened", method: "password", secondFactor: true },
      { type: "trusted_device.added" },
    ]);
    await freshCodes(bob.id);
    const subject = newSubject();
    const identity = { id: crypto.randomUUID(), userId: bob.id, provider: "acme", subject, email: bob.email };
    await owner.insert(identities).values({ ...identity, createdAt: new Date() });
    const answer = SecondFactorChallenge.parse(await (await signedIn({ subject })).json());
    const second = { challenge: answer.challenge, code: await codeOf(bob.id) };
    expect(await added(bob, () => post("login/second-factor", second))).toMatchObject([
      { type: "session.opened", method: "provider", provider: "The acme", secondFactor: true },
    ]);
  });
});

describe("a failed attempt", () => {
  it("is counted by hour and network, however many come at once, and a right one is not", async () => {
    const ada = await storedUser();
    await cheapenPassword(ada.id);
    const from = (ip: string) => ({ ...FIREFOX, "cf-connecting-ip": ip });
    const statuses = await twenty(() =>
      post("login", { email: ada.email, password: WRONG }, from("198.51.100.7")).then(({ status }) => status),
    );
    const judged = statuses.filter((status) => status === 401).length;
    expect(judged).toBeGreaterThanOrEqual(LIMITS.failures.free);
    expect(await logOf(ada)).toMatchObject([{ type: "sign_in.failed", count: judged, ...AT_FIREFOX }]);
    await owner.delete(accountAttempts);
    expect((await post("login", { email: ada.email, password: WRONG }, from("2001:db8::1"))).status).toBe(
      401,
    );
    expect((await post("login", { email: ada.email, password: WRONG }, from("2001:db8::2"))).status).toBe(
      401,
    );
    const opened = await twenty(() =>
      post("login", { email: ada.email, password: PASSWORD }, from("2001:db8::3")),
    );
    const successes = opened.filter(({ status }) => status === 200).length;
    expect(successes).toBeGreaterThan(0);
    const counts = (await logOf(ada)).flatMap(({ type, address, count }) =>
      type === "sign_in.failed" ? [[address, count]] : [],
    );
    expect(counts).toEqual([
      ["198.51.100.7", judged],
      ["2001:db8::3", 2],
    ]);
    expect(await owner.$count(securityEvents, eq(securityEvents.userId, ada.id))).toBe(2 + successes);
  });

  it("agrees with a model of any attempts, over hours", async () => {
    const ada = await storedUser();
    await cheapenPassword(ada.id);
    const start = later(new Date(), -5 * 3600);
    const expected = new Map<string, number>();
    const networks = ["198.51.100.7", "203.0.113.9", "2001:db8:1::1"];
    let minute = 0;
    for (let step = 0; step < 40; step++) {
      minute += Math.floor(Math.random() * 12);
      const at = later(start, minute * 60);
      const ip = networks[Math.floor(Math.random() * networks.length)] ?? null;
      const right = Math.random() < 0.4;
      const work = logIn(
        contextAt(() => at),
        { email: ada.email, password: right ? PASSWORD : WRONG },
        { userAgent: null, ip },
      );
      const refusal: unknown = await work.then(
        () => null,
        (error: unknown) => error,
      );
      expect(refusal === null).toBe(right);
      const place = `${at.toISOString().slice(0, 13)} ${ip}`;
      if (!right) expected.set(place, (expected.get(place) ?? 0) + 1);
      // Before the wait begins, which is another test's.
      await owner.delete(accountAttempts);
    }
    const found = (await logOf(ada)).flatMap(({ type, occurredAt, address, count }) =>
      type === "sign_in.failed" ? [[`${occurredAt.slice(0, 13)} ${address}`, count] as const] : [],
    );
    expect(new Map(found)).toEqual(expected);
    expect(found).toHaveLength(expected.size);
  });

  it("with a code is one of the second factor, and the right code takes nothing of it back", async () => {
    const ada = await protectedUser();
    const challenge = await challengeOf(ada.email);
    const code = (value: string) => post("login/second-factor", { challenge, code: value }, FIREFOX);
    expect(await added(ada, () => code("000000"))).toEqual([{ type: "second_factor.failed" }]);
    expect((await code(await codeOf(ada.id))).status).toBe(200);
    const failed = (await logOf(ada)).filter(({ type }) => type.endsWith(".failed"));
    expect(failed).toMatchObject([{ type: "second_factor.failed", count: 1, ...AT_FIREFOX }]);
  });

  it("at an address without an account leaves nothing, and of an account that is being erased neither", async () => {
    const erasing = await storedUser({ status: "erasing", deleteAfter: new Date() });
    const rows = await owner.$count(securityEvents);
    for (const email of [newAddress(), erasing.email])
      expect((await post("login", { email, password: WRONG }, FIREFOX)).status).toBe(401);
    expect(await owner.$count(securityEvents)).toBe(rows);
  });

  it.each<[string, Parameters<typeof storedUser>[0]]>([
    ["an address that is not verified", { status: "pending" }],
    ["a ban", { bannedAt: new Date(), banReason: "Spam" }],
  ])("is none where the password is right and %s refuses", async (_, values) => {
    const ada = await storedUser(values);
    expect((await post("login", { email: ada.email, password: PASSWORD })).status).toBe(403);
    expect(await logOf(ada)).toEqual([]);
    expect((await post("login", { email: ada.email, password: WRONG })).status).toBe(401);
    expect(await logOf(ada)).toMatchObject([{ type: "sign_in.failed", count: 1 }]);
  });

  it("that is not judged is not counted; the lock and its end are told", async () => {
    const ada = await storedUser();
    const at = new Date();
    const bucket = async () => {
      await owner.delete(accountAttempts);
      await findLogIn(contextAt(), { email: ada.email, password: WRONG }, { userAgent: null, ip: null });
      await owner.update(accountAttempts).set({ failures: 19, lastAt: later(at, -7200) });
    };
    await bucket();
    expect(await added(ada, () => post("login", { email: ada.email, password: WRONG }))).toMatchObject([
      { type: "account.locked" },
    ]);
    const counted = (await logOf(ada)).find(({ type }) => type === "sign_in.failed")?.count;
    expect((await post("login", { email: ada.email, password: WRONG })).status).toBe(429);
    expect((await logOf(ada)).find(({ type }) => type === "sign_in.failed")?.count).toBe(counted);
    const token = await linkToken(ada.id, "unlock_account");
    expect(await added(ada, () => post("unlock", { token }))).toMatchObject([{ type: "account.unlocked" }]);
  });
});

describe("a change of what protects the account", () => {
  it("is told with the device that made it", async () => {
    const ada = await person();
    const other = await openedSession(ada, { userAgent: "curl/8", ip: "203.0.113.9" });
    const newPassword = "Better-horse-2";
    const changed = () => post("change-password", { currentPassword: PASSWORD, newPassword }, ada.headers);
    expect(await added(ada, changed)).toEqual([
      { type: "password.changed", by: "change" },
      { type: "session.revoked", sessionId: other.sessionId, endedDevice: "curl", reason: "password_change" },
    ]);
    expect((await logOf(ada)).at(-1)).toMatchObject(AT_FIREFOX);
    const token = await linkToken(ada.id, "reset_password");
    expect(await added(ada, () => post("reset-password", { token, password: PASSWORD }))).toMatchObject([
      { type: "password.changed", by: "reset" },
      { type: "session.revoked", endedDevice: "Firefox on Linux", reason: "password_reset" },
    ]);
    expect((await logOf(ada)).at(-1)).toMatchObject({ device: null, address: null });
  });

  it("is told of a second factor, its codes and its devices", async () => {
    const ada = await protectedUser();
    expect(await typesOf(ada)).toEqual(["session.opened", "second_factor.enabled"]);
    const [spare = ""] = ada.recoveryCodes;
    const challenge = await challengeOf(ada.email);
    let lifted: Record<string, string> = {};
    const used = async () => {
      const answer = await post("login/second-factor", { challenge, code: spare, trustDevice: true });
      lifted = actorHeader(TokensWithDevice.parse(await answer.json()).accessToken);
    };
    expect((await added(ada, used)).map(({ type }) => type)).toEqual([
      "recovery_code.used",
      "session.opened",
      "trusted_device.added",
    ]);
    await freshCodes(ada.id);
    const devices = (await (await ask("GET", "trusted-devices", lifted)).json()) as {
      items: { id: string }[];
    };
    expect(await added(ada, () => ask("DELETE", `trusted-devices/${devices.items[0]?.id}`, lifted))).toEqual([
      { type: "trusted_device.removed" },
    ]);
    expect(await added(ada, () => post("second-factor/recovery-codes", {}, lifted))).toEqual([
      { type: "recovery_codes.renewed" },
    ]);
    expect(await added(ada, () => ask("DELETE", "second-factor", lifted))).toEqual([
      { type: "second_factor.disabled" },
    ]);
    expect(await added(ada, () => ask("DELETE", "second-factor", lifted))).toEqual([]);
  });

  it("is told of API keys, addresses, copies and sessions", async () => {
    const ada = await person();
    let keyId = "";
    const create = async () => void (keyId = (await keyFrom(createKey(ada.headers))).id);
    expect(await added(ada, create)).toEqual([{ type: "api_key.created", name: "price bot" }]);
    expect(await added(ada, () => rollKey(ada.headers, keyId))).toEqual([
      { type: "api_key.rolled", name: "price bot" },
    ]);
    const revoke = () => ask("DELETE", `api-keys/${keyId}`, ada.headers);
    expect(await added(ada, () => Promise.all([revoke(), revoke(), revoke()]))).toEqual([
      { type: "api_key.revoked", name: "price bot" },
    ]);
    const move = () => post("change-email", { email: newAddress(), password: PASSWORD }, ada.headers);
    expect(await added(ada, move)).toEqual([{ type: "address.change_requested" }]);
    const confirm = async () => {
      for (const purpose of ["leave_email", "join_email"] as const)
        await post("confirm-email-change", { token: await linkToken(ada.id, purpose) });
    };
    expect(await added(ada, confirm)).toEqual([{ type: "address.changed" }]);
    expect(await added(ada, () => post("export", { password: PASSWORD }, ada.headers))).toEqual([
      { type: "person.export_requested" },
    ]);
    expect(await added(ada, () => post("logout", {}, ada.headers))).toMatchObject([
      { type: "session.revoked", endedDevice: "Firefox on Linux", reason: "logout" },
    ]);
  });

  it("is told of leaving and returning", async () => {
    const ada = await person();
    const [left, returned] = [
      await added(ada, () => callAs(ada.accessToken, "POST", "deactivate", { password: PASSWORD })),
      await added(ada, () => loggedIn(ada.email)),
    ];
    expect(left.map(({ type }) => type)).toEqual(["account.deactivated", "session.revoked"]);
    expect(returned.map(({ type }) => type)).toEqual(["account.returned", "session.opened"]);
    const { accessToken } = await loggedIn(ada.email);
    const leave = () => callAs(accessToken, "DELETE", "account", { password: PASSWORD });
    expect((await added(ada, leave)).map(({ type }) => type)).toContain("account.deletion_requested");
  });

  it("by an admin says nothing of the admin", async () => {
    const [ada, admin] = [await person(), await storedUser({ role: "admin" })];
    const { sessionId } = await openedSession(admin, { userAgent: "curl/8", ip: "203.0.113.9" });
    const by = { "content-type": "application/json", ...headerOf(admin, sessionId ?? "", "admin") };
    const ban = (method: string) =>
      exports.default.fetch(`https://souk.test/api/v1/auth/users/${ada.id}/ban`, {
        method,
        headers: by,
        ...(method === "PUT" && { body: JSON.stringify({ reason: "Spam" }) }),
      });
    expect(await added(ada, () => ban("PUT"))).toMatchObject([
      { type: "session.revoked", reason: "ban" },
      { type: "user.banned", reason: "Spam" },
    ]);
    expect(await added(ada, () => ban("DELETE"))).toEqual([{ type: "user.unbanned" }]);
    const grant = () =>
      grantRole(contextAt(), { email: ada.email, role: "moderator", grantedBy: "operator@example.com" });
    expect(await added(ada, grant)).toEqual([{ type: "role.granted", role: "moderator", before: "user" }]);
    const text = JSON.stringify((await logOf(ada)).slice(1));
    for (const trace of [admin.id, "203.0.113.9", "curl", "operator@example.com"])
      expect(text).not.toContain(trace);
  });
});

describe("the log", () => {
  it("is its owner's alone", async () => {
    const [ada, bob] = [await person(), await storedUser()];
    expect(await logOf(bob)).toEqual([]);
    expect(await logOf(ada)).toHaveLength(1);
    expect((await exports.default.fetch("https://souk.test/api/v1/auth/security-events")).status).toBe(401);
  });

  it("is kept 90 days, stands in the copy of the person's data, and goes with the account", async () => {
    const ada = await person();
    const copy = await readOwnData(contextAt(), ada.id);
    expect(copy["security_events"]).toMatchObject([{ type: "session.opened", ip: "198.51.100.7" }]);
    const mine = eq(securityEvents.userId, ada.id);
    const end = later(new Date(), LIMITS.securityEvent);
    await sweepExpired(contextAt(() => later(end, -60)));
    // The log-in was an attempt before it was known to be none.
    expect(await owner.$count(securityEvents, mine)).toBe(2);
    await sweepExpired(contextAt(() => later(end, 60)));
    expect(await owner.$count(securityEvents, mine)).toBe(0);
    await post("login", { email: ada.email, password: PASSWORD });
    await owner.delete(users).where(and(eq(users.id, ada.id)));
    expect(await owner.$count(securityEvents, mine)).toBe(0);
  });
});
