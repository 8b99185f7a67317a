import { users } from "@souk/db/schema/auth";
import { passkeyChallenges } from "@souk/db/schema/auth-passkeys";
import { eq } from "drizzle-orm";
import { decodeJwt } from "jose";
import { describe, expect, it, vi } from "vitest";
import {
  contextAt,
  eventsOf,
  openedSession,
  owner,
  PASSWORD,
  post,
  problemOf,
  sessionEventsOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import {
  addedPasskey,
  askPasskeys,
  asserted,
  begunRegistration,
  begunSignIn,
  created,
  passkeyHolder,
  passkeyOwner,
  passkeyRows,
  PRESENT,
  sentPasskey,
  signedInWith,
  switchPasskeysOn,
  type Otherwise,
} from "../../test/passkeys.ts";
import { inTransaction, justBefore, untilBlocked } from "../../test/races.ts";
import { LIMITS } from "../limits.ts";
import { Passkey, PasskeyList } from "../passkey-schemas.ts";
import { TokensWithDevice } from "../second-factor-schemas.ts";
import { Tokens } from "../session-schemas.ts";
import { sweepExpired } from "../services/sweep-expired.ts";

switchPasskeysOn();

const INVALID = { status: 401, code: "invalid_passkey" };
const expire = () =>
  owner
    .update(passkeyChallenges)
    .set({ createdAt: new Date(Date.now() - 301_000), expiresAt: new Date(Date.now() - 1_000) });

/** From now on the log's warnings are kept; they are told once. */
function loggedWarnings(): () => string[] {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  return () => {
    const lines = warn.mock.calls.map(([line]) => String(line));
    warn.mockRestore();
    return lines;
  };
}

/** The answer without what names the request. */
async function outwardOf(answer: Response) {
  const body: unknown = await answer.json();
  const text = JSON.stringify(body, (name, value: unknown) => (name === "requestId" ? "" : value));
  return { status: answer.status, text };
}

describe("adding a passkey", () => {
  it("makes a way in, tells of it, and ends no session", async () => {
    const { id, headers } = await passkeyOwner();
    await openedSession({ id, email: "ada@example.com" });
    const begun = await begunRegistration(headers);
    expect(begun.options).toMatchObject({
      rp: { id: "souk.test" },
      excludeCredentials: [],
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
    });
    const { passkey, credential } = await created(begun);
    const answer = await sentPasskey(headers, credential, "my phone");
    expect(answer.status).toBe(201);
    const added = Passkey.parse(await answer.json());
    expect(added).toMatchObject({ name: "my phone", backedUp: true, lastUsedAt: null });
    expect(await passkeyRows(id)).toMatchObject([
      { id: added.id, credentialId: passkey.id, counter: 1, transports: ["internal", "hybrid"], slot: 1 },
    ]);
    expect(await eventsOf(id)).toEqual(["passkey.added"]);
    expect((await sessionEventsOf(id)).filter(({ type }) => type === "session.revoked")).toEqual([]);
    const { user } = TokensWithDevice.parse(await (await signedInWith(passkey)).json());
    expect(user.id).toBe(id);
  });

  it("calls the person by one random handle, and excludes what is there", async () => {
    const { id, headers, passkey } = await passkeyHolder();
    const { options } = await begunRegistration(headers);
    expect(options.user.id).toBe(passkey.handle);
    expect(options.user.id).toMatch(/^[\w-]{43}$/);
    expect(options.excludeCredentials).toEqual([
      { type: "public-key", id: passkey.id, transports: ["internal", "hybrid"] },
    ]);
    const other = await passkeyHolder();
    expect(other.passkey.handle).not.toBe(passkey.handle);
    expect(id).not.toBe(other.id);
  });

  it("needs the password, where there is one", async () => {
    const { headers } = await passkeyOwner();
    for (const body of [{}, { password: "Wrong-horse-1" }])
      expect(await problemOf(await post("passkey-registrations", body, headers))).toEqual({
        status: 400,
        code: "validation_failed",
      });
    expect((await post("passkey-registrations", { password: PASSWORD })).status).toBe(401);
    const user = await storedUser({ passwordHash: null });
    const { headers: without } = await openedSession(user);
    expect((await post("passkey-registrations", {}, without)).status).toBe(201);
  });

  it("takes one answer to each challenge, from who asked for it", async () => {
    const [ada, bob] = [await passkeyOwner(), await passkeyOwner()];
    const { credential } = await created(await begunRegistration(ada.headers));
    expect(await problemOf(await sentPasskey(bob.headers, credential))).toEqual(INVALID);
    const answers = await twenty(() => sentPasskey(ada.headers, credential));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
    expect(await passkeyRows(ada.id)).toHaveLength(1);
    const later = await begunRegistration(ada.headers);
    await expire();
    expect(await problemOf(await sentPasskey(ada.headers, (await created(later)).credential))).toEqual(
      INVALID,
    );
  });

  it.each<[string, Otherwise]>([
    ["of another site", { origin: "https://evil.test" }],
    ["of the site under another port", { origin: "https://app.souk.test:444" }],
    ["for another domain", { rpId: "evil.test" }],
    ["without a look at the person", { flags: PRESENT }],
    ["that is a sign-in", { type: "webauthn.get" }],
    ["to no challenge of ours", { challenge: "AAAA" }],
    ["of an algorithm that was not asked for", { alg: -35 }],
    ["with a statement where there is none", { attestation: { fmt: "none", attStmt: new Map([["x", 1]]) } }],
  ])("refuses an answer %s", async (_, change) => {
    const { id, headers } = await passkeyOwner();
    const { credential } = await created(await begunRegistration(headers), change);
    expect(await problemOf(await sentPasskey(headers, credential))).toEqual(INVALID);
    expect(await passkeyRows(id)).toEqual([]);
  });

  it("reads no certificate of an attestation that was not asked for", async () => {
    const { headers } = await passkeyOwner();
    const attestation = { fmt: "apple", attStmt: new Map<string, number>() };
    const { credential } = await created(await begunRegistration(headers), { attestation });
    const warnings = loggedWarnings();
    expect(await problemOf(await sentPasskey(headers, credential))).toEqual(INVALID);
    expect(warnings().filter((line) => line.includes("an attestation that nobody asked for"))).toHaveLength(
      1,
    );
  });

  it("refuses an answer to a challenge of a sign-in", async () => {
    const { headers } = await passkeyOwner();
    const begun = await begunRegistration(headers);
    const { options } = await begunSignIn();
    const { credential } = await created(begun, { challenge: options.challenge });
    expect(await problemOf(await sentPasskey(headers, credential))).toEqual(INVALID);
  });

  it("takes nobody's passkey", async () => {
    const { passkey } = await passkeyHolder();
    const { headers } = await passkeyOwner();
    const again = await created(await begunRegistration(headers), { credentialId: passkey.id });
    expect(await problemOf(await sentPasskey(headers, again.credential))).toEqual({
      status: 409,
      code: "conflict",
    });
  });

  it("stops at ten, also of twenty at once", async () => {
    const { id, headers } = await passkeyOwner();
    for (let count = 0; count < LIMITS.passkeys - 1; count++) await addedPasskey(headers);
    const begun: Awaited<ReturnType<typeof created>>[] = [];
    for (let count = 0; count < 20; count++) begun.push(await created(await begunRegistration(headers)));
    const adding: Promise<Response>[] = [];
    await inTransaction(async (transaction) => {
      await transaction.select().from(users).where(eq(users.id, id)).for("update");
      adding.push(...begun.map(({ credential }) => sentPasskey(headers, credential)));
      await untilBlocked(3);
    });
    const answers = await Promise.all(adding);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const full = { status: 409, code: "limit_reached" };
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(await problemOf(answer)).toEqual(full);
    expect((await passkeyRows(id)).map(({ slot }) => slot).toSorted((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(await problemOf(await post("passkey-registrations", { password: PASSWORD }, headers))).toEqual(
      full,
    );
  }, 60_000);
});

describe("signing in with a passkey", () => {
  it("opens a session of level 2, and counts", async () => {
    const { id, passkey } = await passkeyHolder();
    const { options } = await begunSignIn();
    expect(options).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      timeout: 300_000,
      rpId: "souk.test",
      userVerification: "required",
    });
    const opened = TokensWithDevice.parse(await (await signedInWith(passkey)).json());
    expect(decodeJwt(opened.accessToken)).toMatchObject({ sub: id, aal: 2 });
    expect(opened.deviceToken).toBeDefined();
    const refreshed = Tokens.parse(
      await (await post("refresh", { refreshToken: opened.refreshToken })).json(),
    );
    expect(decodeJwt(refreshed.accessToken)).toMatchObject({ sub: id, aal: 2 });
    const [row] = await passkeyRows(id);
    expect(row?.counter).toBe(2);
    expect(row?.lastUsedAt).not.toBeNull();
  });

  it("opens one session by one answer, also of twenty at once", async () => {
    // One that does not count: nothing but the challenge is spent.
    const { id, passkey } = await passkeyHolder({ counter: 0 });
    const credential = await asserted(passkey, await begunSignIn(), { counter: 0 });
    const answers = await twenty(() => post("passkey-sessions", { credential }));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const opened = (await sessionEventsOf(id)).filter(({ type }) => type === "session.opened");
    expect(opened).toHaveLength(2);
  });

  it("also with an authenticator that does not count", async () => {
    const { passkey } = await passkeyHolder({ counter: 0 });
    for (let time = 0; time < 2; time++)
      expect((await signedInWith(passkey, { counter: 0 })).status).toBe(200);
  });

  it("tells nothing of why it refuses", async () => {
    const [ada, bob] = [await passkeyHolder(), await passkeyHolder()];
    const sent = async (change: Otherwise = {}, other: object = {}) => {
      const credential = await asserted(ada.passkey, await begunSignIn(), change);
      return post("passkey-sessions", { credential: { ...credential, ...other } });
    };
    const used = await asserted(ada.passkey, await begunSignIn());
    expect((await post("passkey-sessions", { credential: used })).status).toBe(200);
    const late = await asserted(ada.passkey, await begunSignIn());
    await expire();
    const registering = (await begunRegistration(ada.headers)).options.challenge;
    const { passkey: unknown } = await created(await begunRegistration(bob.headers));
    const refusals: [string, Response][] = [
      ["used", await post("passkey-sessions", { credential: used })],
      ["expired", await post("passkey-sessions", { credential: late })],
      ["another origin", await sent({ origin: "https://evil.test" })],
      ["another domain", await sent({ rpId: "evil.test" })],
      ["no challenge of ours", await sent({ challenge: "AAAA" })],
      ["a challenge of another purpose", await sent({ challenge: registering })],
      ["a registration", await sent({ type: "webauthn.create" })],
      ["the person not verified", await sent({ flags: PRESENT })],
      ["nobody there", await sent({ flags: 4 })],
      ["a signature of nothing", await sent({ signature: "MAYCAQECAQE" })],
      ["a signature that is none", await sent({ signature: "AAAA" })],
      ["another's handle", await sent({ userHandle: bob.passkey.handle })],
      ["no handle", await sent({ userHandle: null })],
      ["another's key", await sent({}, { id: bob.passkey.id, rawId: bob.passkey.id })],
      ["two ids", await sent({}, { rawId: bob.passkey.id })],
      ["a counter that stands", await sent({ counter: 2 })],
      ["a counter that goes back", await sent({ counter: 0 })],
      ["an unknown passkey", await signedInWith(unknown)],
    ];
    const [first] = refusals;
    const expected = await outwardOf((first?.[1] ?? Response.error()).clone());
    expect(expected.status).toBe(401);
    for (const [what, answer] of refusals) expect([what, await outwardOf(answer)]).toEqual([what, expected]);
    expect((await passkeyRows(ada.id))[0]?.counter).toBe(2);
    ada.passkey.counter = 2;
    expect((await signedInWith(ada.passkey)).status).toBe(200);
  });

  it("tells the log of a counter that goes back", async () => {
    const { id, passkey } = await passkeyHolder({ counter: 5 });
    const warnings = loggedWarnings();
    expect((await signedInWith(passkey, { counter: 4 })).status).toBe(401);
    const [row] = await passkeyRows(id);
    expect(
      warnings().filter((line) => line.includes("counter") && line.includes(row?.id ?? "-")),
    ).toHaveLength(1);
  });

  it("refuses the earlier count, of two at the same moment", async () => {
    const { passkey } = await passkeyHolder();
    const earlier = await asserted(passkey, await begunSignIn());
    let later: number | undefined;
    justBefore(/INSERT INTO .{1,20}sessions/, async () => {
      later = (await signedInWith(passkey)).status;
    });
    const answer = await post("passkey-sessions", { credential: earlier });
    expect([later, answer.status]).toEqual([200, 401]);
  });

  it("is for no account that a password would not open, and wakes those that sleep", async () => {
    const { id, passkey } = await passkeyHolder();
    const set = (values: Partial<typeof users.$inferInsert>) =>
      owner.update(users).set(values).where(eq(users.id, id));
    await set({ bannedAt: new Date(), banReason: "Spam" });
    expect(await problemOf(await signedInWith(passkey))).toEqual({ status: 403, code: "account_banned" });
    // Whoever cannot prove the passkey learns nothing of the ban.
    expect(await problemOf(await signedInWith(passkey, { origin: "https://evil.test" }))).toEqual(INVALID);
    await set({ bannedAt: null, banReason: null, status: "pending", verifiedAt: null });
    expect(await problemOf(await signedInWith(passkey))).toEqual({ status: 403, code: "email_not_verified" });
    for (const asleep of [
      { status: "deactivated" as const, verifiedAt: new Date() },
      { status: "deleting" as const, deleteAfter: new Date(Date.now() + 60_000) },
    ]) {
      await set(asleep);
      const { restored, user } = TokensWithDevice.parse(await (await signedInWith(passkey)).json());
      expect([restored, user.status]).toEqual([true, "active"]);
    }
    await set({ status: "erasing", deleteAfter: new Date() });
    expect(await problemOf(await signedInWith(passkey))).toEqual(INVALID);
  });

  it("counts the calls of an address", async () => {
    const from = { "cf-connecting-ip": "203.0.113.77" };
    const asked = (path: string) => post(`passkey-${path}`, {}, from);
    for (let call = 0; call < 50; call++) {
      expect((await asked("challenges")).status).toBe(201);
      expect((await asked("sessions")).status).toBe(400);
    }
    expect((await asked("challenges")).status).toBe(429);
    expect((await asked("sessions")).status).toBe(429);
  });
});

it("lists and renames one's own", async () => {
  const [ada, bob] = [await passkeyHolder(), await passkeyHolder()];
  await addedPasskey(ada.headers);
  const listed = async (headers: Record<string, string>) =>
    PasskeyList.parse(await (await askPasskeys("GET", headers)).json()).items;
  const [newest] = await listed(ada.headers);
  expect(await listed(ada.headers)).toHaveLength(2);
  const renamed = await askPasskeys("PATCH", ada.headers, newest?.id, { name: " the key " });
  expect(Passkey.parse(await renamed.json())).toEqual({ ...newest, name: "the key" });
  expect((await askPasskeys("PATCH", bob.headers, newest?.id, { name: "mine" })).status).toBe(404);
  expect((await listed(ada.headers)).map(({ name }) => name)).toEqual(["the key", "my phone"]);
  expect((await askPasskeys("GET", {})).status).toBe(401);
});

it("what nobody answered is swept away", async () => {
  const { headers } = await passkeyOwner();
  await begunRegistration(headers);
  await begunSignIn();
  await sweepExpired(contextAt());
  expect(await owner.$count(passkeyChallenges)).toBeGreaterThan(1);
  await sweepExpired(contextAt(() => new Date(Date.now() + 301_000)));
  expect(await owner.$count(passkeyChallenges)).toBe(0);
});

it("needs a session to be added to", async () => {
  const { id, headers } = await passkeyOwner();
  const { credential } = await created(await begunRegistration(headers));
  await post("logout", {}, headers);
  expect(await problemOf(await sentPasskey(headers, credential))).toEqual({
    status: 401,
    code: "unauthorized",
  });
  expect(await passkeyRows(id)).toEqual([]);
});
