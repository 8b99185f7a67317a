import { loginChallenges, recoveryCodes, totpFactors } from "@souk/db/schema/auth-second-factor";
import { sessions } from "@souk/db/schema/auth";
import { eq } from "drizzle-orm";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import {
  actorHeader,
  eventsOf,
  loggedIn,
  login,
  owner,
  PASSWORD,
  post,
  problemOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { ask, challengeOf, codeOf, freshCodes, protectedUser, secretOf } from "../../test/second-factor.ts";
import { LIMITS } from "../limits.ts";
import { Tokens } from "../session-schemas.ts";
import {
  Enrolment,
  RecoveryCodes,
  SecondFactorChallenge,
  SecondFactorState,
  SteppedUp,
  TokensWithDevice,
} from "../second-factor-schemas.ts";
import { base32 } from "../services/totp.ts";

const pass = (challenge: string, code: string, more: object = {}) =>
  post("login/second-factor", { challenge, code, ...more });
const sessionsOf = (userId: string) => owner.select().from(sessions).where(eq(sessions.userId, userId));
const aalOf = (accessToken: string) => decodeJwt(accessToken)["aal"];
const wrongFor = async (userId: string) => ((await codeOf(userId)) === "000000" ? "000001" : "000000");

describe("turning it on", () => {
  it("shows the secret once, stores it sealed, and asks for nothing until it is confirmed", async () => {
    const { id, email } = await storedUser();
    const { accessToken } = await loggedIn(email);
    const answer = await post("second-factor", { password: PASSWORD }, actorHeader(accessToken));
    expect(answer.status).toBe(201);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const { secret, uri } = Enrolment.parse(await answer.json());
    expect(secret).toBe(base32(await secretOf(id)));
    expect(new URL(uri).searchParams.get("secret")).toBe(secret);
    const [factor] = await owner.select().from(totpFactors).where(eq(totpFactors.userId, id));
    expect(JSON.stringify(factor)).not.toContain(secret);
    expect(JSON.stringify(factor)).not.toContain((await secretOf(id)).toString("base64url"));
    Tokens.parse(await (await login(email)).json());
    expect(await (await ask("GET", "second-factor", actorHeader(accessToken))).json()).toEqual({
      enabled: false,
      confirmedAt: null,
      recoveryCodesLeft: 0,
    });
  });

  it("needs the password, and a right first code", async () => {
    const { id, email } = await storedUser();
    const headers = actorHeader((await loggedIn(email)).accessToken);
    expect(await problemOf(await post("second-factor/confirm", { code: "123456" }, headers))).toEqual({
      status: 409,
      code: "conflict",
    });
    const wrong = { status: 400, code: "validation_failed" };
    expect(await problemOf(await post("second-factor", { password: "Wrong-horse-1" }, headers))).toEqual(
      wrong,
    );
    expect((await post("second-factor", { password: PASSWORD }, headers)).status).toBe(201);
    const first = await codeOf(id);
    expect((await post("second-factor", { password: PASSWORD }, headers)).status).toBe(201);
    expect(await problemOf(await post("second-factor/confirm", { code: first }, headers))).toEqual(wrong);
    const answers = await twenty(async () =>
      post("second-factor/confirm", { code: await codeOf(id) }, headers),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await owner.select().from(recoveryCodes).where(eq(recoveryCodes.userId, id))).toHaveLength(10);
    expect(await problemOf(await post("second-factor", { password: PASSWORD }, headers))).toEqual({
      status: 403,
      code: "second_factor_required",
    });
    expect(await eventsOf(id)).toEqual(["second_factor.enabled"]);
  });

  it("is too late ten minutes after it began", async () => {
    const { id, email } = await storedUser();
    const headers = actorHeader((await loggedIn(email)).accessToken);
    await post("second-factor", { password: PASSWORD }, headers);
    const createdAt = new Date(Date.now() - 601_000);
    await owner.update(totpFactors).set({ createdAt }).where(eq(totpFactors.userId, id));
    const late = await post("second-factor/confirm", { code: await codeOf(id) }, headers);
    expect(late.status).toBe(409);
  });

  it("lifts the session that did it at its next refresh", async () => {
    const { tokens } = await protectedUser();
    expect(aalOf(tokens.accessToken)).toBe(1);
    const refreshed = Tokens.parse(
      await (await post("refresh", { refreshToken: tokens.refreshToken })).json(),
    );
    expect(aalOf(refreshed.accessToken)).toBe(2);
  });
});

describe("log in with it", () => {
  it("gives a challenge and no session, and then a session of level 2", async () => {
    const { id, email } = await protectedUser();
    const before = await sessionsOf(id);
    const answer = await login(email);
    expect(answer.status).toBe(200);
    const body: unknown = await answer.json();
    const { challenge, methods, expiresAt } = SecondFactorChallenge.parse(body);
    expect(Object.keys(Object(body)).toSorted()).toEqual(["challenge", "expiresAt", "methods"]);
    expect(methods).toEqual(["totp", "recovery_code"]);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(300_000);
    expect(await sessionsOf(id)).toHaveLength(before.length);
    const [stored] = await owner.select().from(loginChallenges).where(eq(loginChallenges.userId, id));
    expect(JSON.stringify(stored)).not.toContain(challenge);

    const passed = await pass(challenge, await codeOf(id));
    expect(passed.headers.get("cache-control")).toBe("no-store");
    const tokens = TokensWithDevice.parse(await passed.json());
    expect(aalOf(tokens.accessToken)).toBe(2);
    // Of a device that is known from now on, and not trusted.
    const { deviceToken } = tokens;
    expect(deviceToken).toBeDefined();
    const again = await post("login", { email, password: PASSWORD, deviceToken });
    expect(await again.json()).toHaveProperty("challenge");
    const { refreshToken } = tokens;
    expect(aalOf(Tokens.parse(await (await post("refresh", { refreshToken })).json()).accessToken)).toBe(2);
  });

  it("opens one session for a challenge, of five that answer it at once", async () => {
    const { id, email } = await protectedUser();
    const before = (await sessionsOf(id)).length;
    const code = await codeOf(id);
    const challenge = await challengeOf(email);
    const same = await Promise.all([1, 2, 3, 4, 5].map(() => pass(challenge, code)));
    expect(same.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await sessionsOf(id)).toHaveLength(before + 1);
    expect(await problemOf(await pass(challenge, await codeOf(id, 1)))).toEqual({
      status: 401,
      code: "invalid_challenge",
    });
  });

  it("takes a code once, whatever the challenge, and none before it", async () => {
    const { id, email } = await protectedUser();
    const code = await codeOf(id);
    expect((await pass(await challengeOf(email), code)).status).toBe(200);
    const others = await Promise.all([1, 2].map(() => challengeOf(email)));
    for (const other of others)
      expect(await problemOf(await pass(other, code))).toEqual({ status: 401, code: "invalid_code" });
    expect((await pass(others[0] ?? "", await codeOf(id, 1))).status).toBe(200);
    await freshCodes(id);
    const codeNow = await codeOf(id);
    const racing = [await challengeOf(email), await challengeOf(email)];
    const raced = await Promise.all(racing.map((other) => pass(other, codeNow)));
    expect(raced.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("looks at five codes, also of twenty at once, and then the challenge is gone", async () => {
    const { id, email } = await protectedUser();
    const challenge = await challengeOf(email);
    const wrong = await wrongFor(id);
    const answers = await Promise.all((await twenty(() => pass(challenge, wrong))).map(problemOf));
    expect(answers.filter(({ code }) => code === "invalid_code")).toHaveLength(5);
    expect(answers.filter(({ code }) => code === "invalid_challenge")).toHaveLength(15);
    expect((await problemOf(await pass(challenge, await codeOf(id)))).code).toBe("invalid_challenge");
  });

  it("is too late after five minutes, and after the password was changed", async () => {
    const { id, email } = await protectedUser();
    const late = await challengeOf(email);
    await owner
      .update(loginChallenges)
      .set({ expiresAt: new Date(Date.now() - 1) })
      .where(eq(loginChallenges.userId, id));
    expect((await problemOf(await pass(late, await codeOf(id)))).code).toBe("invalid_challenge");
    const stale = await challengeOf(email);
    await owner.update(loginChallenges).set({ passwordVersion: 7 }).where(eq(loginChallenges.userId, id));
    expect((await pass(stale, await codeOf(id))).status).toBe(401);
    for (const odd of ["x", "", "a".repeat(501)])
      expect([400, 401]).toContain((await pass(odd, "123456")).status);
  });

  it("takes each recovery code once, however it is written", async () => {
    const { id, email, recoveryCodes: codes, headers } = await protectedUser();
    const [first = "", second = ""] = codes;
    expect((await pass(await challengeOf(email), first.toUpperCase().replaceAll("-", " "))).status).toBe(200);
    expect((await problemOf(await pass(await challengeOf(email), first))).code).toBe("invalid_code");
    const challenges = await Promise.all([1, 2, 3].map(() => challengeOf(email)));
    const raced = await Promise.all(challenges.map((challenge) => pass(challenge, second)));
    expect(raced.filter(({ status }) => status === 200)).toHaveLength(1);
    const state = SecondFactorState.parse(await (await ask("GET", "second-factor", headers)).json());
    expect(state).toMatchObject({ enabled: true, recoveryCodesLeft: 8 });
    const stored = await owner.select().from(recoveryCodes).where(eq(recoveryCodes.userId, id));
    for (const code of codes) expect(JSON.stringify(stored)).not.toContain(code.replaceAll("-", ""));
    // Its owner hears of each use, and of no try that failed.
    expect(await eventsOf(id)).toEqual(["second_factor.enabled", "recovery_code.used", "recovery_code.used"]);
  });

  it("takes no code of another person", async () => {
    const [mine, theirs] = [await protectedUser(), await protectedUser()];
    expect((await pass(await challengeOf(mine.email), await codeOf(theirs.id))).status).toBe(401);
    expect((await pass(await challengeOf(mine.email), theirs.recoveryCodes[0] ?? "")).status).toBe(401);
  });
});

describe("sensitive actions", () => {
  const sensitive = [
    ["DELETE", "second-factor", {}],
    ["POST", "second-factor/recovery-codes", {}],
    ["POST", "change-password", { currentPassword: PASSWORD, newPassword: "Better-horse-2" }],
  ] as const;

  it.each(sensitive)("%s %s needs the second factor of who has one", async (method, path, body) => {
    const { id, headers } = await protectedUser();
    const act = (as: Record<string, string>) =>
      method === "DELETE" ? ask(method, path, as) : post(path, body, as);
    expect(await problemOf(await act(headers))).toEqual({ status: 403, code: "second_factor_required" });
    const up = await post("step-up", { code: await codeOf(id) }, headers);
    const { accessToken } = SteppedUp.parse(await up.json());
    expect(aalOf(accessToken)).toBe(2);
    expect((await act(actorHeader(accessToken))).status).toBeLessThan(300);
  });

  it("a password changes without one where there is none", async () => {
    const { email } = await storedUser();
    const headers = actorHeader((await loggedIn(email)).accessToken);
    const body = { currentPassword: PASSWORD, newPassword: "Better-horse-2" };
    expect((await post("change-password", body, headers)).status).toBe(200);
  });

  it("the step up refuses wrong and used codes, and who has no second factor", async () => {
    const { id, headers } = await protectedUser();
    const wrong = { status: 400, code: "validation_failed" };
    expect(await problemOf(await post("step-up", { code: await wrongFor(id) }, headers))).toEqual(wrong);
    const code = await codeOf(id);
    const answers = await Promise.all([1, 2, 3, 4].map(() => post("step-up", { code }, headers)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const plain = await storedUser();
    const other = actorHeader((await loggedIn(plain.email)).accessToken);
    expect(await problemOf(await post("step-up", { code: "123456" }, other))).toEqual({
      status: 409,
      code: "conflict",
    });
    await owner
      .update(sessions)
      .set({ revokedAt: new Date(), revokedReason: "logout" })
      .where(eq(sessions.userId, id));
    expect((await post("step-up", { code: await codeOf(id, 1) }, headers)).status).toBe(401);
  });

  it("the step up takes a recovery code once, of as many at once as may try", async () => {
    const {
      id,
      headers,
      recoveryCodes: [code = ""],
    } = await protectedUser();
    const tries = Array.from({ length: LIMITS.failures.free }, () => post("step-up", { code }, headers));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(tries.length - 1).fill(400)]);
    expect(await owner.$count(recoveryCodes, eq(recoveryCodes.userId, id))).toBe(9);
    expect(await eventsOf(id)).toEqual(["second_factor.enabled", "recovery_code.used"]);
  });

  it("level 2 lasts a day", async () => {
    const { id, tokens } = await protectedUser();
    const secondFactorAt = new Date(Date.now() - 86_400_000);
    await owner.update(sessions).set({ secondFactorAt }).where(eq(sessions.userId, id));
    const { refreshToken } = tokens;
    expect(aalOf(Tokens.parse(await (await post("refresh", { refreshToken })).json()).accessToken)).toBe(1);
  });

  it("new recovery codes void the old ones, and turning it off voids all", async () => {
    const { id, email, headers, recoveryCodes: old } = await protectedUser();
    const up = SteppedUp.parse(await (await post("step-up", { code: await codeOf(id) }, headers)).json());
    const lifted = actorHeader(up.accessToken);
    const renewed = await twenty(async () =>
      RecoveryCodes.parse(await (await post("second-factor/recovery-codes", {}, lifted)).json()),
    );
    expect(await owner.select().from(recoveryCodes).where(eq(recoveryCodes.userId, id))).toHaveLength(10);
    expect((await pass(await challengeOf(email), old[0] ?? "")).status).toBe(401);
    expect(new Set(renewed.flatMap((answer) => answer.recoveryCodes)).size).toBe(200);
    const waiting = await challengeOf(email);
    for (let time = 0; time < 2; time++)
      expect((await ask("DELETE", "second-factor", lifted)).status).toBe(204);
    expect((await problemOf(await pass(waiting, "123456"))).code).toBe("invalid_challenge");
    Tokens.parse(await (await login(email)).json());
    const told = await eventsOf(id);
    expect([...new Set(told)]).toEqual([
      "second_factor.enabled",
      "recovery_codes.renewed",
      "second_factor.disabled",
    ]);
    expect(told).toHaveLength(22);
  });
});
