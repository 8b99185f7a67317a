import { sessions, users } from "@souk/db/schema/auth";
import { exports as copies } from "@souk/db/schema/auth-account-life";
import { identities } from "@souk/db/schema/auth-identities";
import { passkeyChallenges } from "@souk/db/schema/auth-passkeys";
import { HOLDERS } from "@souk/kit/personal-data";
import { and, eq, isNull } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  actorHeader,
  contextAt,
  eventsOf,
  linkToken,
  loggedIn,
  openedSession,
  owner,
  post,
  problemOf,
} from "../../test/actions.ts";
import { DAY_MS, pageOf } from "../../test/life.ts";
import { configureProviders, newSubject } from "../../test/openid.ts";
import {
  addedPasskey,
  askPasskeys,
  begunRegistration,
  passkeyHolder,
  passkeyOwner,
  passkeyRows,
  signedInWith,
  switchPasskeysOn,
} from "../../test/passkeys.ts";
import { inTransaction, untilBlocked } from "../../test/races.ts";
import { ask, codeOf, protectedUser } from "../../test/second-factor.ts";
import { PersonExport } from "../account-life-schemas.ts";
import { SteppedUp, TokensWithDevice } from "../second-factor-schemas.ts";
import { removePasskey } from "../services/remove-passkey.ts";
import { storeExport } from "../services/store-export.ts";

configureProviders();
switchPasskeysOn();

type Headers = Record<string, string>;
const CONFLICT = { status: 409, code: "conflict" };
const remove = (headers: Headers, id = "") => askPasskeys("DELETE", headers, id);
const onlyIdOf = async (userId: string) => (await passkeyRows(userId))[0]?.id ?? "";
const liveOf = (userId: string) =>
  owner
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)));

/** Somebody who has so many passkeys and no password. */
async function withoutPassword(count: number) {
  const user = await passkeyOwner();
  for (let made = 0; made < count; made++) await addedPasskey(user.headers);
  await owner.update(users).set({ passwordHash: null }).where(eq(users.id, user.id));
  return { ...user, ids: (await passkeyRows(user.id)).map(({ id }) => id) };
}

/** An identity of theirs at a provider. */
async function linkedTo(userId: string, provider: string): Promise<string> {
  const id = crypto.randomUUID();
  const subject = newSubject();
  const email = `${subject}@example.com`;
  await owner.insert(identities).values({ id, userId, provider, subject, email, createdAt: new Date() });
  return id;
}

describe("removing a passkey", () => {
  it("ends the way in and the other sessions, and tells of it", async () => {
    const { id, email, headers, sessionId, passkey } = await passkeyHolder();
    const theirs = TokensWithDevice.parse(await (await signedInWith(passkey)).json());
    await openedSession({ id, email });
    const passkeyId = await onlyIdOf(id);
    expect((await remove(headers, passkeyId)).status).toBe(204);
    expect(await passkeyRows(id)).toEqual([]);
    expect(await eventsOf(id)).toEqual(["passkey.added", "passkey.removed"]);
    expect((await liveOf(id)).map((session) => session.id)).toEqual([sessionId]);
    expect((await post("refresh", { refreshToken: theirs.refreshToken })).status).toBe(401);
    expect(await problemOf(await signedInWith(passkey))).toEqual({ status: 401, code: "invalid_passkey" });
    expect((await remove(headers, passkeyId)).status).toBe(404);
  });

  it("is for one's own alone", async () => {
    const [ada, bob] = [await passkeyHolder(), await passkeyHolder()];
    const passkeyId = await onlyIdOf(bob.id);
    expect(await problemOf(await remove(ada.headers, passkeyId))).toEqual({ status: 404, code: "not_found" });
    expect(await passkeyRows(bob.id)).toHaveLength(1);
    expect(await liveOf(bob.id)).toHaveLength(1);
  });

  it("needs a session of the last day, or the second factor", async () => {
    const { id, headers } = await passkeyHolder();
    const passkeyId = await onlyIdOf(id);
    const aged = (userId: string) =>
      owner
        .update(sessions)
        .set({ createdAt: new Date(Date.now() - DAY_MS) })
        .where(eq(sessions.userId, userId));
    await aged(id);
    expect(await problemOf(await remove(headers, passkeyId))).toEqual({
      status: 403,
      code: "fresh_login_required",
    });
    await owner
      .update(sessions)
      .set({ revokedAt: new Date(), revokedReason: "logout" })
      .where(eq(sessions.userId, id));
    expect((await remove(headers, passkeyId)).status).toBe(401);
    expect(await passkeyRows(id)).toHaveLength(1);

    const guarded = await protectedUser();
    const up = await post("step-up", { code: await codeOf(guarded.id) }, guarded.headers);
    const lifted = actorHeader(SteppedUp.parse(await up.json()).accessToken);
    await addedPasskey(lifted);
    await aged(guarded.id);
    const theirs = await onlyIdOf(guarded.id);
    const required = { status: 403, code: "second_factor_required" };
    const level1 = actorHeader(guarded.tokens.accessToken);
    expect(await problemOf(await remove(level1, theirs))).toEqual(required);
    expect(await problemOf(await post("passkey-registrations", { password: "x" }, level1))).toEqual(required);
    expect((await remove(lifted, theirs)).status).toBe(204);
  });

  it("never takes the last way in, also not of two that are removed at once", async () => {
    const { id, headers, ids } = await withoutPassword(2);
    const removing: Promise<Response>[] = [];
    await inTransaction(async (transaction) => {
      await transaction.select().from(users).where(eq(users.id, id)).for("update");
      removing.push(...ids.map((passkeyId) => remove(headers, passkeyId)));
      await untilBlocked(2);
    });
    const answers = await Promise.all(removing);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204, 409]));
    const last = await onlyIdOf(id);
    expect(await problemOf(await remove(headers, last))).toEqual(CONFLICT);
    expect(await passkeyRows(id)).toHaveLength(1);
  });

  it("counts identities as they count passkeys, also of one of each at once", async () => {
    const { id, headers, ids } = await withoutPassword(1);
    const [passkeyId = ""] = ids;
    await linkedTo(id, "taken-out");
    expect(await problemOf(await remove(headers, passkeyId))).toEqual(CONFLICT);
    const identity = await linkedTo(id, "acme");
    const taking: Promise<Response>[] = [];
    await inTransaction(async (transaction) => {
      await transaction.select().from(users).where(eq(users.id, id)).for("update");
      taking.push(remove(headers, passkeyId), ask("DELETE", `identities/${identity}`, headers));
      await untilBlocked(2);
    });
    const answers = await Promise.all(taking);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204, 409]));

    const bob = await withoutPassword(1);
    const only = await linkedTo(bob.id, "acme");
    expect((await ask("DELETE", `identities/${only}`, bob.headers)).status).toBe(204);
    const eve = await withoutPassword(0);
    const last = await linkedTo(eve.id, "acme");
    expect(await problemOf(await ask("DELETE", `identities/${last}`, eve.headers))).toEqual(CONFLICT);
  });

  it("counts no passkey where they are switched off", async () => {
    const { email, id, sessionId, ids } = await withoutPassword(2);
    const off = contextAt(() => new Date(), { PASSKEYS: "null" });
    const actor = { userId: id, email, role: "user" as const, sessionId: sessionId ?? "", aal: 1 as const };
    await expect(removePasskey(Object.assign(off, { actor }), ids[0] ?? "")).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("leaves no session of a sign-in at the same moment", async () => {
    const { id, headers, sessionId, passkey } = await passkeyHolder();
    const passkeyId = await onlyIdOf(id);
    const signIns = [];
    for (let count = 0; count < 5; count++) signIns.push(signedInWith(passkey));
    const [answer] = await Promise.all([remove(headers, passkeyId), ...signIns]);
    expect(answer.status).toBe(204);
    expect((await liveOf(id)).map((session) => session.id)).toEqual([sessionId]);
  });
});

it("spares the second factor, whose codes it takes the place of", async () => {
  const { id, headers } = await protectedUser();
  const up = await post("step-up", { code: await codeOf(id) }, headers);
  const passkey = await addedPasskey(actorHeader(SteppedUp.parse(await up.json()).accessToken));
  const { accessToken } = TokensWithDevice.parse(await (await signedInWith(passkey)).json());
  const renewed = await post("second-factor/recovery-codes", {}, actorHeader(accessToken));
  expect(renewed.status).toBe(200);
});

it("proves who has no password for ten minutes", async () => {
  const { id, headers } = await passkeyHolder();
  const passkey = await addedPasskey(headers);
  await owner.update(users).set({ passwordHash: null }).where(eq(users.id, id));
  const { accessToken } = TokensWithDevice.parse(await (await signedInWith(passkey)).json());
  expect((await post("export", {}, actorHeader(accessToken))).status).toBe(202);
});

it("stays when the password is changed or reset, while the sessions end", async () => {
  const { id, email, headers, passkey } = await passkeyHolder();
  const opened = TokensWithDevice.parse(await (await signedInWith(passkey)).json());
  const password = "Better-horse-2";
  expect(
    (await post("reset-password", { token: await linkToken(id, "reset_password"), password })).status,
  ).toBe(200);
  expect((await post("refresh", { refreshToken: opened.refreshToken })).status).toBe(401);
  expect(await problemOf(await post("passkey-registrations", { password }, headers))).toEqual({
    status: 401,
    code: "unauthorized",
  });
  expect((await signedInWith(passkey)).status).toBe(200);
  expect((await loggedIn(email, password)).user.id).toBe(id);
});

it("goes into its owner's copy without its key, and with the account", async () => {
  const { id: userId, headers, passkey } = await passkeyHolder();
  await begunRegistration(headers);
  const tokens = TokensWithDevice.parse(await (await signedInWith(passkey)).json());
  const opened = actorHeader(tokens.accessToken);
  expect((await post("export", { password: "Correct-horse-1" }, opened)).status).toBe(202);
  const [copy] = await owner.select().from(copies).where(eq(copies.userId, userId));
  for (const service of HOLDERS)
    await storeExport(contextAt(), service, { userId, exportId: copy?.id ?? "" }, [pageOf([])]);
  const { data } = PersonExport.parse(await (await ask("GET", "export", opened)).json());
  expect(data?.["auth"]?.["passkeys"]).toMatchObject([
    { name: "my phone", createdAt: expect.any(String), lastUsedAt: expect.any(String) },
  ]);
  const [row] = await passkeyRows(userId);
  for (const secret of [row?.publicKey, row?.credentialId, row?.userHandle])
    expect(JSON.stringify(data)).not.toContain(secret);
  await owner.delete(users).where(eq(users.id, userId));
  expect(await passkeyRows(userId)).toEqual([]);
  expect(await owner.$count(passkeyChallenges, eq(passkeyChallenges.userId, userId))).toBe(0);
});
