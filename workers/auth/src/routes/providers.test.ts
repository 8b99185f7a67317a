import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { sessions, users } from "@souk/db/schema/auth";
import { authorizations, identities } from "@souk/db/schema/auth-identities";
import { eq, sql } from "drizzle-orm";
import { exports } from "cloudflare:workers";
import { decodeJwt } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { eventsOf, owner, PASSWORD, post, problemOf, storedUser, twenty } from "../../test/actions.ts";
import {
  begun,
  broughtBack,
  configureProviders,
  issuerOf,
  newSubject,
  REDIRECT_URI,
  signedIn,
  toldTo,
} from "../../test/openid.ts";
import { LIMITS } from "../limits.ts";
import { Providers } from "../provider-schemas.ts";
import { TokensWithDevice } from "../second-factor-schemas.ts";
import { accountKey } from "../services/allow-account.ts";
import { Tokens } from "../session-schemas.ts";

configureProviders("turning", "failing");
afterEach(() => vi.useRealTimers());

const REFUSED = { status: 401, code: "invalid_authorization" };
const addressOf = (subject: string) => `${subject}@example.com`;
const accountsOf = (subject: string) =>
  owner
    .select()
    .from(users)
    .where(eq(users.email, addressOf(subject)));
const sessionsOf = (userId: string) => owner.select().from(sessions).where(eq(sessions.userId, userId));
const finish = (body: object, provider = "acme") => post(`providers/${provider}/sessions`, body);

describe("the list of providers", () => {
  it("is open to everyone and holds no more than names", async () => {
    const answer = await exports.default.fetch("https://souk.test/api/v1/auth/providers");
    expect(Providers.parse(await answer.json()).items).toContainEqual({ id: "acme", name: "The acme" });
  });

  it("knows no others", async () => {
    const nobody = await post("providers/nobody/authorizations", { redirectUri: REDIRECT_URI });
    expect(await problemOf(nobody)).toEqual({ status: 404, code: "not_found" });
    expect((await finish({ code: "c", state: "s", flow: "f" }, "nobody")).status).toBe(404);
  });
});

describe("beginning", () => {
  it("sends the browser with PKCE, state and nonce, of which none is stored readably", async () => {
    const { url, flow, state, sent } = await begun("acme");
    expect(url.startsWith(`${issuerOf("acme")}/authorize?`)).toBe(true);
    expect(sent).toMatchObject({
      client_id: "souk",
      response_type: "code",
      scope: "openid email profile",
      redirect_uri: REDIRECT_URI,
      code_challenge_method: "S256",
    });
    for (const secret of [sent["nonce"], sent["code_challenge"], state, flow])
      expect(secret).toMatch(/^[\w-]{43}$/);
    const stored = JSON.stringify(await owner.select().from(authorizations));
    for (const secret of [sent["nonce"] ?? "?", state, flow]) expect(stored).not.toContain(secret);
  });

  it("sends nobody back to where the operator does not allow", async () => {
    for (const redirectUri of [`${REDIRECT_URI}/`, "https://evil.example/", "javascript:alert(1)", ""])
      expect(await problemOf(await post("providers/acme/authorizations", { redirectUri }))).toEqual({
        status: 400,
        code: "validation_failed",
      });
    expect(
      (await post("providers/acme/authorizations", { redirectUri: "app.souk.test:/signed-in" })).status,
    ).toBe(201);
  });

  it("leaves out what a provider lacks, and adds what it wants", async () => {
    const { sent } = await begun("posting");
    expect(sent).not.toHaveProperty("nonce");
    expect(sent).not.toHaveProperty("code_challenge");
    expect(sent["prompt"]).toBe("consent");
    expect((await signedIn({ subject: newSubject() }, "posting")).status).toBe(200);
  });
});

describe("signing in for the first time", () => {
  it("makes an account without a password, verified, and tells of it", async () => {
    const subject = newSubject();
    const answer = await signedIn({ subject });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const { user, accessToken } = Tokens.parse(await answer.json());
    expect(user).toMatchObject({
      email: addressOf(subject),
      firstName: "Grace",
      lastName: "Hopper",
      status: "active",
    });
    expect(decodeJwt(accessToken)["aal"]).toBe(1);
    const [account] = await accountsOf(subject);
    expect(account).toMatchObject({ passwordHash: null, status: "active" });
    expect(account?.verifiedAt).not.toBeNull();
    expect(await eventsOf(user.id)).toEqual(["user.registered", "user.verified"]);
    const again = Tokens.parse(await (await signedIn({ subject })).json());
    expect(again.user.id).toBe(user.id);
    expect(await sessionsOf(user.id)).toHaveLength(2);
    expect(
      await problemOf(await post("login", { email: addressOf(subject), password: "Any-thing-1" })),
    ).toEqual({
      status: 401,
      code: "invalid_credentials",
    });
  });

  it("knows the person by the provider's id when the address has changed", async () => {
    const subject = newSubject();
    const { user } = Tokens.parse(await (await signedIn({ subject })).json());
    const claims = { email: addressOf(newSubject()) };
    const again = Tokens.parse(await (await signedIn({ subject, claims })).json());
    expect(again.user).toMatchObject({ id: user.id, email: addressOf(subject) });
  });

  it("makes one account of twenty sign-ins at once", async () => {
    const subject = newSubject();
    const answers = await twenty(() => signedIn({ subject }));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const [account, ...more] = await accountsOf(subject);
    expect(more).toEqual([]);
    expect(await sessionsOf(account?.id ?? "")).toHaveLength(20);
  });

  it("takes people with one name, with none, and with unreadable ones", async () => {
    const names = [
      [{ given_name: null, family_name: null, name: "Teller" }, "Teller", ""],
      [{ given_name: null, family_name: null, name: " Ada  King Lovelace " }, "Ada", "King Lovelace"],
      [{ given_name: 7, family_name: "\u202Egnik", name: null }, undefined, ""],
    ] as const;
    for (const [claims, firstName, lastName] of names) {
      const subject = newSubject();
      const { user } = Tokens.parse(await (await signedIn({ subject, claims })).json());
      expect(user).toMatchObject({ firstName: firstName ?? subject, lastName });
    }
  });

  it("needs an address that the provider has verified", async () => {
    for (const claims of [
      { email_verified: false },
      { email_verified: "false" },
      { email_verified: null },
      { email: null },
      { email: "no address" },
    ]) {
      const subject = newSubject();
      expect(await problemOf(await signedIn({ subject, claims }))).toEqual({
        status: 403,
        code: "email_not_verified",
      });
      expect(await owner.select().from(identities).where(eq(identities.subject, subject))).toEqual([]);
    }
    expect((await signedIn({ subject: newSubject(), claims: { email_verified: "true" } })).status).toBe(200);
  });
});

describe("what comes back", () => {
  it.each([
    ["another nonce", { nonce: "another" }],
    ["no nonce", { claims: { nonce: null } }],
    ["another audience", { claims: { aud: "another" } }],
    [
      "our audience among others, for another party",
      { claims: { aud: ["souk", "another"], azp: "another" } },
    ],
    ["another issuer", { claims: { iss: "https://evil.example" } }],
    ["an ID token that has expired", { age: 600 }],
    ["no end", { claims: { exp: null } }],
    ["no subject", { claims: { sub: null } }],
    ["a key that was never published", { signed: "stranger" }],
    ["alg none", { signed: "none" }],
    ["no signature", { signed: "nobody" }],
    ["the client's secret as a key", { signed: "secret" }],
    ["another PKCE challenge", { challenge: "another" }],
  ] as const)("is refused with %s", async (_, script) => {
    const subject = newSubject();
    expect(await problemOf(await signedIn({ subject, ...script }))).toEqual(REFUSED);
    expect(await accountsOf(subject)).toEqual([]);
  });

  it("is refused with another state, flow or provider, and good after that all the same", async () => {
    const mine = broughtBack(await begun("acme"), { subject: newSubject() });
    const theirs = await begun("acme");
    const wrong: [object, string?][] = [
      [{ ...mine, state: theirs.state }],
      [{ ...mine, flow: theirs.flow }],
      [{ ...mine, state: "made-up" }],
      [mine, "posting"],
    ];
    for (const [body, provider] of wrong)
      expect(await problemOf(await finish(body, provider))).toEqual(REFUSED);
    expect(await problemOf(await finish({ ...mine, iss: undefined, flow: undefined }))).toMatchObject({
      status: 400,
    });
    expect((await finish(mine)).status).toBe(200);
  });

  it("opens one session, of twenty that bring it at once", async () => {
    const subject = newSubject();
    const mine = broughtBack(await begun("acme"), { subject });
    const answers = await twenty(() => finish(mine));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
    const [account] = await accountsOf(subject);
    expect(await sessionsOf(account?.id ?? "")).toHaveLength(1);
  });

  it("is too late after ten minutes", async () => {
    const mine = broughtBack(await begun("acme"), { subject: newSubject() });
    await owner.update(authorizations).set({
      createdAt: new Date(Date.now() - 700_000),
      expiresAt: new Date(Date.now() - 1),
    });
    expect(await problemOf(await finish(mine))).toEqual(REFUSED);
  });

  it("with a code that was used is refused by the provider", async () => {
    const first = broughtBack(await begun("acme"), { subject: newSubject() });
    expect((await finish(first)).status).toBe(200);
    const second = await begun("acme");
    const replayed = { ...first, state: second.state, flow: second.flow };
    expect(await problemOf(await finish(replayed))).toEqual(REFUSED);
  });

  it("signed by a new key is good once the keys may be read again", async () => {
    const subject = newSubject();
    expect((await signedIn({ subject }, "turning")).status).toBe(200);
    await fetch(`${issuerOf("turning")}/rotate`, { method: "POST" });
    expect(await problemOf(await signedIn({ subject }, "turning"))).toEqual(REFUSED);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    expect((await signedIn({ subject }, "turning")).status).toBe(200);
    expect((await toldTo("turning")).keyRequests).toBe(2);
  });
});

describe("a provider that fails", () => {
  it.each(["failure", "redirect", "flood", "page", "silence"] as const)("by %s is a 503", async (answer) => {
    const failed = await signedIn({ subject: newSubject(), answer }, "failing");
    expect(await problemOf(failed)).toEqual({ status: 503, code: "unavailable" });
  });
});

describe("the account of the address", () => {
  it("is the person's when both have verified it, and its owner is told", async () => {
    const subject = newSubject();
    const { id } = await storedUser({ email: addressOf(subject) });
    const { user } = Tokens.parse(await (await signedIn({ subject })).json());
    expect(user.id).toBe(id);
    expect(await eventsOf(id)).toEqual(["identity.linked"]);
    expect((await signedIn({ subject })).status).toBe(200);
    expect(await eventsOf(id)).toEqual(["identity.linked"]);
    const [account] = await accountsOf(subject);
    expect(account?.passwordHash).not.toBeNull();
  });

  it("is open by its password on a device that was signed in on, while strangers keep it locked", async () => {
    const subject = newSubject();
    const { email } = await storedUser({ email: addressOf(subject) });
    const { deviceToken } = TokensWithDevice.parse(await (await signedIn({ subject })).json());
    await owner
      .insert(accountAttempts)
      .values({ account: accountKey(sql`${email}`), failures: LIMITS.failures.lock, lastAt: new Date() });
    const logIn = (more: object) => post("login", { email, password: PASSWORD, ...more });
    expect((await logIn({})).status).toBe(429);
    expect((await logIn({ deviceToken })).status).toBe(200);
    const again = await finish({ ...broughtBack(await begun("acme"), { subject }), deviceToken });
    expect(TokensWithDevice.parse(await again.json()).deviceToken).toBeUndefined();
    expect((await logIn({})).status).toBe(429);
  });

  it("goes to its owner without what a stranger prepared, while nobody had verified it", async () => {
    const subject = newSubject();
    const email = addressOf(subject);
    const password = "Strangers-horse-1";
    await post("register", { email, password, firstName: "Mallory", lastName: "Prepared" });
    const { user } = Tokens.parse(await (await signedIn({ subject })).json());
    expect(user).toMatchObject({ email, firstName: "Grace", status: "active" });
    expect(await problemOf(await post("login", { email, password }))).toMatchObject({ status: 401 });
    expect(await eventsOf(user.id)).toEqual(["user.registered", "user.verified"]);
  });

  it("stays closed to another of the provider's identities, and while it is being erased", async () => {
    const subject = newSubject();
    await storedUser({ email: addressOf(subject) });
    expect((await signedIn({ subject })).status).toBe(200);
    const other = await signedIn({ subject: newSubject(), claims: { email: addressOf(subject) } });
    expect(await problemOf(other)).toEqual({ status: 409, code: "conflict" });
    const gone = newSubject();
    await storedUser({ email: addressOf(gone), status: "erasing", deleteAfter: new Date() });
    expect(await problemOf(await signedIn({ subject: gone }))).toEqual({ status: 409, code: "conflict" });
  });

  it.each([
    ["banned", { bannedAt: new Date(), banReason: "Spam" }],
    ["being erased", { status: "erasing" as const, deleteAfter: new Date() }],
  ])("keeps what is known of the identity as it is while it is %s", async (_, values) => {
    const subject = newSubject();
    const { user } = Tokens.parse(await (await signedIn({ subject, refreshToken: "first" })).json());
    await owner.update(users).set(values).where(eq(users.id, user.id));
    const known = () => owner.select().from(identities).where(eq(identities.userId, user.id));
    const before = await known();
    expect(before).toHaveLength(1);
    const again = await signedIn({
      subject,
      refreshToken: "second",
      claims: { email: addressOf(newSubject()) },
    });
    expect([401, 403]).toContain(again.status);
    expect(await known()).toEqual(before);
  });

  it("stays closed when it is banned, linked or not", async () => {
    const ban = { bannedAt: new Date(), banReason: "Spam" };
    const subject = newSubject();
    const { id } = await storedUser({ email: addressOf(subject), ...ban });
    const refused = { status: 403, code: "account_banned" };
    expect(await problemOf(await signedIn({ subject }))).toEqual(refused);
    await owner.update(users).set({ bannedAt: null, banReason: null }).where(eq(users.id, id));
    expect((await signedIn({ subject })).status).toBe(200);
    await owner.update(users).set(ban).where(eq(users.id, id));
    expect(await problemOf(await signedIn({ subject }))).toEqual(refused);
    expect(await sessionsOf(id)).toHaveLength(1);
  });

  it("wakes when it slept or was to be deleted", async () => {
    for (const sleeping of [
      { status: "deactivated" as const },
      { status: "deleting" as const, deleteAfter: new Date(Date.now() + 1_000_000) },
    ]) {
      const subject = newSubject();
      await storedUser({ email: addressOf(subject), ...sleeping });
      expect(Tokens.parse(await (await signedIn({ subject })).json())).toMatchObject({
        restored: true,
        user: { status: "active" },
      });
    }
  });
});
