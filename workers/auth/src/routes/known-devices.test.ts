import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { eq, sql } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  actorHeader,
  contextAt,
  eventsOf,
  linkToken,
  newAddress,
  owner,
  PASSWORD,
  post,
  problemOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { cheapenPassword } from "../../test/life.ts";
import { codeOf, freshCodes, protectedUser } from "../../test/second-factor.ts";
import { later, LIMITS } from "../limits.ts";
import { SecondFactorChallenge, TokensWithDevice } from "../second-factor-schemas.ts";
import { accountKey } from "../services/allow-account.ts";
import { deviceBucket, newDeviceToken } from "../services/device-token.ts";
import { logIn } from "../services/log-in.ts";

const { free, lock } = LIMITS.failures;
const WRONG = "Wrong-horse-1";

const login = (email: string, password = PASSWORD, deviceToken?: string) =>
  post("login", { email, password, ...(deviceToken !== undefined && { deviceToken }) });
const tokensOf = async (answer: Response) => TokensWithDevice.parse(await answer.json());

/** As strangers leave an account that they guess at. */
const locked = (email: string) =>
  owner
    .insert(accountAttempts)
    .values({ account: accountKey(sql`${email}`), failures: lock, lastAt: new Date() });
const failuresAt = async (bucket: string) => {
  const [row] = await owner.select().from(accountAttempts).where(eq(accountAttempts.account, bucket));
  return row?.failures ?? 0;
};

/** Somebody who has logged in before, and the token of that device. */
async function known() {
  const user = await storedUser();
  const { deviceToken = "" } = await tokensOf(await login(user.email));
  return { ...user, deviceToken };
}

afterEach(() => void vi.useRealTimers());

describe("a device that was logged in on", () => {
  it("is not locked out by strangers' guesses, and strangers stay locked", async () => {
    const { email, deviceToken } = await known();
    await locked(email);
    expect((await login(email)).status).toBe(429);
    const back = await login(email, PASSWORD, deviceToken);
    expect(back.status).toBe(200);
    expect((await tokensOf(back)).deviceToken).toBeUndefined();
    expect((await login(email)).status).toBe(429);
    expect((await login(email, PASSWORD, deviceToken)).status).toBe(200);
  });

  it("counts its own failures, of many at once as well, and locks nobody else out", async () => {
    // After the tenth one waits a second, which may pass while forty are looked at.
    vi.useFakeTimers({ toFake: ["Date"] });
    const { id, email, deviceToken } = await known();
    await cheapenPassword(id);
    const answers = [
      ...(await twenty(() => login(email, WRONG, deviceToken))),
      ...(await twenty(() => login(email, WRONG, deviceToken))),
    ];
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(free);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - free);
    expect((await login(email, PASSWORD, deviceToken)).status).toBe(429);
    expect((await login(email)).status).toBe(200);
    // Of strangers' failures the owner hears by mail; a device's own are no lockout of the account.
    await owner
      .update(accountAttempts)
      .set({ failures: lock - 1, lastAt: new Date(0) })
      .where(eq(accountAttempts.account, deviceBucket(deviceToken)));
    await owner.update(accountAttempts).set({ lastAt: later(new Date(), -3600 * 2) });
    expect((await login(email, WRONG, deviceToken)).status).toBe(401);
    expect(await eventsOf(id)).toEqual([]);
  });

  it("has its failures taken back by a right password, not by a stranger's", async () => {
    const { email, deviceToken } = await known();
    const bucket = deviceBucket(deviceToken);
    await login(email, WRONG, deviceToken);
    expect((await login(email)).status).toBe(200);
    expect(await failuresAt(bucket)).toBe(1);
    expect((await login(email, PASSWORD, deviceToken)).status).toBe(200);
    expect(await failuresAt(bucket)).toBe(0);
  });

  it("passes the second factor too", async () => {
    const { id, email } = await protectedUser();
    const challengeOf = async (deviceToken?: string) =>
      SecondFactorChallenge.parse(await (await login(email, PASSWORD, deviceToken)).json()).challenge;
    const pass = (challenge: string, code: string) => post("login/second-factor", { challenge, code });
    const { deviceToken = "" } = await tokensOf(await pass(await challengeOf(), await codeOf(id)));
    await freshCodes(id);
    await locked(email);
    expect((await login(email)).status).toBe(429);
    const challenge = await challengeOf(deviceToken);
    expect((await pass(challenge, "000000")).status).toBe(401);
    expect(await failuresAt(deviceBucket(deviceToken))).toBe(2);
    const passed = await pass(challenge, await codeOf(id));
    expect(passed.status).toBe(200);
    expect((await tokensOf(passed)).deviceToken).toBeUndefined();
    expect(await failuresAt(deviceBucket(deviceToken))).toBe(0);
    expect((await login(email)).status).toBe(429);
  });
});

describe("no such device is", () => {
  const changed = (token: string) => `${token.slice(0, -2)}${token.endsWith("AA") ? "BB" : "AA"}`;

  it("one with a token that is another's, forged or too old", async () => {
    const [mine, other] = [await known(), await known()];
    await locked(mine.email);
    const person = { userId: mine.id, passwordVersion: 1 };
    const at = (seconds: number) => contextAt(() => later(new Date(), seconds));
    const foreign = contextAt(() => new Date(), {
      REFRESH_KEYS: JSON.stringify([Buffer.alloc(32, 7).toString("base64url")]),
    });
    const tokens = [
      other.deviceToken,
      changed(mine.deviceToken),
      mine.deviceToken.replace(mine.id, other.id),
      other.deviceToken.replace(other.id, mine.id),
      newDeviceToken(foreign, person),
      newDeviceToken(at(-LIMITS.knownDevice - 1), person),
      newDeviceToken(contextAt(), { ...person, passwordVersion: 2 }),
      "nonsense",
    ];
    for (const token of tokens)
      expect(await problemOf(await login(mine.email, PASSWORD, token))).toEqual({
        status: 429,
        code: "too_many_requests",
      });
    const young = newDeviceToken(at(-LIMITS.knownDevice + 60), person);
    expect((await login(mine.email, PASSWORD, young)).status).toBe(200);
  });

  it("one whose key was taken out; one is as long as its key is there, also behind a new one", async () => {
    const { email, deviceToken } = await known();
    await locked(email);
    const [old] = contextAt().env.REFRESH_KEYS;
    const key = new Uint8Array(32).fill(9);
    const logInWith = (keys: Uint8Array[]) =>
      logIn(
        contextAt(undefined, {
          REFRESH_KEYS: JSON.stringify(keys.map((bytes) => Buffer.from(bytes).toString("base64url"))),
        }),
        { email, password: PASSWORD, deviceToken },
        { userAgent: null, ip: null },
      );
    expect(await logInWith([key, old])).toHaveProperty("accessToken");
    await expect(logInWith([key])).rejects.toMatchObject({ code: "too_many_requests" });
  });

  it("one from before the password changed", async () => {
    const { id, email, deviceToken } = await known();
    const token = await linkToken(id, "reset_password");
    expect((await post("reset-password", { token, password: `${PASSWORD}-new` })).status).toBe(200);
    await locked(email);
    expect((await login(email, `${PASSWORD}-new`, deviceToken)).status).toBe(429);
  });

  it("one that names an address which nobody has", async () => {
    const { deviceToken } = await known();
    const email = newAddress();
    expect((await login(email, PASSWORD, deviceToken)).status).toBe(401);
    await owner.update(accountAttempts).set({ failures: lock, lastAt: new Date() });
    expect((await login(email, PASSWORD, deviceToken)).status).toBe(429);
  });
});

it("a session is not a device token, nor the other way round", async () => {
  const { id, email, deviceToken } = await known();
  const { refreshToken, accessToken } = await tokensOf(await login(email, PASSWORD, deviceToken));
  await locked(email);
  expect((await login(email, PASSWORD, refreshToken)).status).toBe(429);
  expect((await post("refresh", { refreshToken: deviceToken })).status).toBe(401);
  expect((await post("logout", {}, actorHeader(accessToken))).status).toBe(204);
  expect(deviceToken.startsWith(`${id}.1.`)).toBe(true);
});
