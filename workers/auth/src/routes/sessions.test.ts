import { sessions, users } from "@souk/db/schema/auth";
import { hash as bcryptHash } from "bcryptjs";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { exports } from "cloudflare:workers";
import {
  actorHeader,
  contextAt,
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
import { Tokens } from "../session-schemas.ts";
import { hashPassword } from "../services/hash-password.ts";
import { openSession } from "../services/open-session.ts";
import { signRefreshToken } from "../services/refresh-token.ts";

const verify = (accessToken: string) =>
  exports.default.fetch("https://souk.test/api/v1/auth/verify", { headers: actorHeader(accessToken) });
const sessionsOf = (userId: string) => owner.select().from(sessions).where(eq(sessions.userId, userId));

describe("log in", () => {
  it("opens a session that knows its device", async () => {
    const { id, email } = await storedUser();
    const headers = { "user-agent": `Souk/1 ${"x".repeat(500)}`, "cf-connecting-ip": "2001:db8::7" };
    expect((await post("login", { email, password: PASSWORD }, headers)).status).toBe(200);
    expect(
      (await post("login", { email, password: PASSWORD }, { "cf-connecting-ip": "not an address" })).status,
    ).toBe(200);
    const [first, second] = await sessionsOf(id);
    expect(first).toMatchObject({ counter: 0, ip: "2001:db8::7", revokedAt: null });
    expect(first?.userAgent).toHaveLength(400);
    expect(second?.ip).toBeNull();
  });

  it("refuses a wrong password, an unknown address and a password beyond the cap", async () => {
    const { id, email } = await storedUser();
    expect(await problemOf(await login(email, "Wrong-horse-1"))).toEqual({
      status: 401,
      code: "invalid_credentials",
    });
    expect(await problemOf(await login(newAddress()))).toEqual({ status: 401, code: "invalid_credentials" });
    expect(await problemOf(await login(email, "x".repeat(201)))).toEqual({
      status: 400,
      code: "validation_failed",
    });
    expect(await sessionsOf(id)).toEqual([]);
  });

  it("accepts bcrypt hashes and upgrades them, also when several devices log in at once", async () => {
    const passwordHash = (await bcryptHash(PASSWORD, 4)).replace("$2b$", "$2a$");
    const { id, email } = await storedUser({ passwordHash });
    const answers = await Promise.all(Array.from({ length: 6 }, () => login(email)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const [user] = await owner.select().from(users).where(eq(users.id, id));
    expect(user?.passwordHash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
    expect((await login(email)).status).toBe(200);
    expect((await login(email, "Wrong-horse-1")).status).toBe(401);
  });

  it("opens no session for a password that was changed meanwhile", async () => {
    const { id } = await storedUser();
    const opening = {
      userId: id,
      role: "user" as const,
      newHash: null,
      device: { userAgent: null, ip: null },
    };
    expect(await openSession(contextAt(), { ...opening, passwordVersion: 2 })).toBeNull();
    expect(
      await openSession(contextAt(), {
        ...opening,
        passwordVersion: 2,
        newHash: await hashPassword(PASSWORD),
      }),
    ).toBeNull();
    expect(await openSession(contextAt(), { ...opening, passwordVersion: 1 })).not.toBeNull();
  });
});

describe("refresh", () => {
  it("rotates, and accepts the token before the current when its reply was lost", async () => {
    const { email } = await storedUser();
    const first = await loggedIn(email);
    const second = Tokens.parse(await (await post("refresh", { refreshToken: first.refreshToken })).json());
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(second.accessToken).not.toBe(first.accessToken);
    const again = Tokens.parse(await (await post("refresh", { refreshToken: first.refreshToken })).json());
    expect(again.refreshToken).toBe(second.refreshToken);
    expect((await verify(again.accessToken)).status).toBe(200);
  });

  it("gives 20 callers at once working, equal tokens", async () => {
    const { id, email } = await storedUser();
    const { refreshToken } = await loggedIn(email);
    const answers = await twenty(async () =>
      Tokens.parse(await (await post("refresh", { refreshToken })).json()),
    );
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.accessToken)).size).toBe(20);
    expect(await sessionsOf(id)).toMatchObject([{ counter: 1, revokedAt: null }]);
    expect((await post("refresh", { refreshToken: answers[0]?.refreshToken })).status).toBe(200);
  });

  it("carries the role and address as they are now", async () => {
    const { id, email } = await storedUser();
    const { refreshToken } = await loggedIn(email);
    await owner.update(users).set({ role: "admin" }).where(eq(users.id, id));
    expect(Tokens.parse(await (await post("refresh", { refreshToken })).json()).user.role).toBe("admin");
  });

  it("refuses forged tokens, without touching the session they name", async () => {
    const { id, email } = await storedUser();
    const { refreshToken } = await loggedIn(email);
    const [session] = await sessionsOf(id);
    const claim = { sessionId: session?.id ?? "", counter: 0 };
    const foreign = signRefreshToken(claim, [new Uint8Array(32).fill(9)]);
    const notIssuedYet = signRefreshToken({ ...claim, counter: 1 }, contextAt().env.REFRESH_KEYS);
    const nowhere = signRefreshToken(
      { sessionId: contextAt().newId(), counter: 0 },
      contextAt().env.REFRESH_KEYS,
    );
    const [head, counter, mac] = refreshToken.split(".");
    for (const forged of [
      foreign,
      notIssuedYet,
      nowhere,
      "x",
      "..",
      `${head}.1.${mac}`,
      `${head}.00.${mac}`,
      `${head}.${counter}.`,
      `${head}.${counter}.${mac}=`,
      `${refreshToken}x`,
      `${contextAt().newId()}.${counter}.${mac}`,
    ]) {
      expect(await problemOf(await post("refresh", { refreshToken: forged }))).toEqual({
        status: 401,
        code: "invalid_refresh_token",
      });
    }
    expect((await post("refresh", { refreshToken })).status).toBe(200);
  });

  it("accepts tokens signed by an older key, and signs with the newest", async () => {
    const { id, email } = await storedUser();
    await loggedIn(email);
    const [session] = await sessionsOf(id);
    const [newest, older] = contextAt().env.REFRESH_KEYS;
    const claim = { sessionId: session?.id ?? "", counter: 0 };
    const answer = await post("refresh", {
      refreshToken: signRefreshToken(claim, [older ?? new Uint8Array()]),
    });
    expect(Tokens.parse(await answer.json()).refreshToken).toBe(
      signRefreshToken({ ...claim, counter: 1 }, [newest]),
    );
  });
});
