import { exports } from "cloudflare:workers";
import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  contextAt,
  eventsOf,
  linkToken,
  loggedIn,
  login,
  newAddress,
  openedSession,
  owner,
  PASSWORD,
  post,
  problemOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { callAs, cheapenPassword } from "../../test/life.ts";
import { codeOf, protectedUser } from "../../test/second-factor.ts";
import { LIMITS, later } from "../limits.ts";
import { accountKey, signedInKey } from "../services/allow-account.ts";
import { countAttempt } from "../services/count-attempt.ts";
import { findLogIn } from "../services/find-log-in.ts";
import { logIn } from "../services/log-in.ts";

const { free, lock, lockout, forgotten } = LIMITS.failures;
const START = new Date("2026-11-21T12:00:00Z");
const nowhere = { userAgent: null, ip: null };
const WRONG = "Wrong-horse-1";

/** Whether the work was let through, and after how many seconds it would have been. */
async function tried(work: () => Promise<unknown>): Promise<{ allowed: boolean; retryAfter: number }> {
  try {
    await work();
    return { allowed: true, retryAfter: 0 };
  } catch (error) {
    const refusal = z.object({ code: z.literal("too_many_requests"), retryAfter: z.int() }).parse(error);
    return { allowed: false, retryAfter: refusal.retryAfter };
  }
}
const attempt = (email: string, at: Date, ip: string | null = null) =>
  tried(() =>
    findLogIn(
      contextAt(() => at),
      { email, password: WRONG },
      { userAgent: null, ip },
    ),
  );
const failuresOf = async (email: string, key = accountKey) => {
  const rows = await owner
    .select()
    .from(accountAttempts)
    .where(eq(accountAttempts.account, key(sql`${email}`)));
  return rows[0]?.failures ?? 0;
};
/** As if so many attempts had failed a while ago. */
const failed = (
  email: string,
  failures: number,
  lastAt = new Date(Date.now() - 2 * lockout * 1000),
  key = accountKey,
) => owner.insert(accountAttempts).values({ account: key(sql`${email}`), failures, lastAt });

const delay = (failures: number): number =>
  failures < free ? 0 : failures < lock ? 2 ** (failures - free) : lockout;

describe("attempts at one account", () => {
  it("wait longer and longer, like a plain model's, for a known and an unknown address", async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 600 }) },
      { weight: 1, arbitrary: fc.constantFrom(lockout, forgotten, forgotten + 1) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 30, maxLength: 50 }),
        fc.boolean(),
        async (steps, known) => {
          const email = known ? (await storedUser()).email : newAddress();
          let [at, failures, last] = [START, 0, new Date(0)];
          for (const seconds of steps) {
            at = later(at, seconds);
            const open = later(last, delay(failures));
            const allowed = at >= open;
            const retryAfter = allowed ? 0 : (open.getTime() - at.getTime()) / 1000;
            expect(await attempt(email, at)).toEqual({ allowed, retryAfter });
            if (!allowed) continue;
            failures = at >= later(last, forgotten) ? 1 : failures + 1;
            last = at;
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it("are as many of a hundred at once as in turn", async () => {
    const email = newAddress();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => attempt(email, START, `203.0.113.${index}`)),
    );
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(free);
  });

  it("do not wait for a clock that is a little ahead", async () => {
    const email = newAddress();
    await attempt(email, later(START, 1));
    expect(await attempt(email, START)).toEqual({ allowed: true, retryAfter: 0 });
  });

  it("are forgotten when one was right, and not when it was of another account", async () => {
    const [{ email }, other] = [await storedUser(), await storedUser()];
    await failed(email, free - 1);
    expect((await login(other.email)).status).toBe(200);
    expect(await failuresOf(email)).toBe(free - 1);
    expect((await login(email)).status).toBe(200);
    expect(await failuresOf(email)).toBe(0);
    const pending = await storedUser({ status: "pending" });
    expect((await login(pending.email)).status).toBe(403);
    expect(await failuresOf(pending.email)).toBe(0);
  });

  it("lock it at last, and its owner is mailed a link, once", async () => {
    const { id, email } = await storedUser();
    await failed(email, lock - 2);
    expect((await login(email, WRONG)).status).toBe(401);
    expect(await eventsOf(id)).toEqual([]);
    await owner.delete(accountAttempts);
    await failed(email, lock - 1);
    const answers = await twenty(() => login(email, WRONG));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(19);
    expect(await eventsOf(id)).toEqual(["account.locked"]);
    const locked = await login(email);
    expect(locked.status).toBe(429);
    const wait = Number(locked.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(lockout - 60);
    expect(wait).toBeLessThanOrEqual(lockout);
  });

  it("that was right at the last try locks nothing", async () => {
    const { id, email } = await storedUser();
    await failed(email, lock - 1);
    expect((await login(email)).status).toBe(200);
    expect(await eventsOf(id)).toEqual([]);
  });

  it.each([
    ["the mailed link", "unlock", "unlock_account"],
    ["a new password", "reset-password", "reset_password"],
  ] as const)("are forgotten by %s, once", async (_, path, purpose) => {
    const [mine, other] = [await storedUser(), await storedUser()];
    for (const { email } of [mine, other]) await failed(email, lock, new Date());
    await failed(mine.email, lock, new Date(), signedInKey);
    expect((await login(mine.email)).status).toBe(429);
    const token = await linkToken(mine.id, purpose);
    const body = path === "unlock" ? { token } : { token, password: PASSWORD };
    const answers = await Promise.all([1, 2, 3].map(() => post(path, body)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await login(mine.email)).status).toBe(200);
    expect(await failuresOf(mine.email, signedInKey)).toBe(0);
    expect((await login(other.email)).status).toBe(429);
    await failed(mine.email, lock, new Date());
    expect(await problemOf(await post(path, body))).toEqual({ status: 400, code: "invalid_link" });
    expect((await login(mine.email)).status).toBe(429);
  });

  it("are told from attempts at others by nothing that is stored", async () => {
    const { email } = await storedUser();
    await login(email, WRONG);
    const rows = await owner.select().from(accountAttempts);
    expect(JSON.stringify(rows)).not.toContain(email);
  });
});

describe("a wrong current password", () => {
  // After the tenth one waits a second, which may pass while thirty are looked at.
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  const SENSITIVE: [method: string, path: string, body: (password: string) => object][] = [
    [
      "POST",
      "change-password",
      (password) => ({ currentPassword: password, newPassword: `${PASSWORD}-new` }),
    ],
    ["POST", "change-email", (password) => ({ password, email: newAddress() })],
    ["POST", "export", (password) => ({ password })],
    ["POST", "second-factor", (password) => ({ password })],
    ["POST", "api-keys", (password) => ({ password, name: "bot", scopes: ["alerts:read"] })],
    ["POST", "deactivate", (password) => ({ password })],
    ["DELETE", "account", (password) => ({ password })],
  ];

  it.each(SENSITIVE)(
    "of %s %s counts apart from strangers' failures, and a right one takes the failures back",
    async (method, path, body) => {
      const { id, email } = await storedUser();
      const { accessToken } = await loggedIn(email);
      const ask = (password: string) => callAs(accessToken, method, path, body(password));
      expect((await ask(WRONG)).status).toBe(400);
      expect(await failuresOf(email, signedInKey)).toBe(1);
      expect(await failuresOf(email)).toBe(0);
      await owner.delete(accountAttempts);
      await failed(email, lock - 1, undefined, signedInKey);
      expect((await ask(WRONG)).status).toBe(400);
      expect(await eventsOf(id)).toEqual(["account.locked"]);
      // Nor does the right one open it now; whoever knows it may log in, which does not open it either.
      expect((await ask(PASSWORD)).status).toBe(429);
      expect((await login(email)).status).toBe(200);
      expect((await ask(PASSWORD)).status).toBe(429);
      await owner.delete(accountAttempts);
      await failed(email, free - 1, undefined, signedInKey);
      await failed(email, lock, new Date());
      expect((await ask(PASSWORD)).ok).toBe(true);
      expect(await failuresOf(email, signedInKey)).toBe(0);
      expect(await failuresOf(email)).toBe(lock);
    },
  );

  it("and a code are the owner's to give while strangers keep the account locked", async () => {
    const { id, email, headers } = await protectedUser();
    await cheapenPassword(id);
    await failed(email, lock - 1);
    const next = `${PASSWORD}-new`;
    const guesses = twenty(() => login(email, WRONG));
    const steppedUp = await post("step-up", { code: await codeOf(id) }, headers);
    expect(steppedUp.status).toBe(200);
    const { accessToken } = z.object({ accessToken: z.string() }).parse(await steppedUp.json());
    const change = { currentPassword: PASSWORD, newPassword: next };
    expect((await callAs(accessToken, "POST", "change-password", change)).status).toBe(200);
    const answers = await guesses;
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(1);
    // What the owner did opened nothing to the strangers.
    expect(await failuresOf(email)).toBe(lock);
    expect((await login(email, next)).status).toBe(429);
  });

  it("and a wrong code are counted together, also of new sessions", async () => {
    const user = await protectedUser();
    await failed(user.email, free - 1, new Date(), signedInKey);
    expect((await post("step-up", { code: "000000" }, user.headers)).status).toBe(400);
    const { headers } = await openedSession(user);
    expect((await post("step-up", { code: "000000" }, headers)).status).toBe(429);
    expect(await failuresOf(user.email, signedInKey)).toBe(free);
  });

  it("is looked at ten times, of thirty at once", async () => {
    const { email } = await storedUser();
    const { accessToken } = await loggedIn(email);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => callAs(accessToken, "POST", "export", { password: WRONG })),
    );
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(free);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30 - free);
  });

  it("is not looked at, nor counted, where the second factor must come first", async () => {
    const { email, headers } = await protectedUser();
    await owner.delete(accountAttempts);
    const refused = await post("export", { password: WRONG }, headers);
    expect(await problemOf(refused)).toEqual({ status: 403, code: "second_factor_required" });
    expect(await failuresOf(email)).toBe(0);
  });
});

describe("calls from one address", () => {
  it("are never more than the limit in any window, like a plain model's", async () => {
    const max = 5;
    const step = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400 }));
    let network = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40 }), async (steps) => {
        const ip = `2001:db8:0:${(network++).toString(16)}::1`;
        let at = START;
        let accepted: Date[] = [];
        for (const seconds of steps) {
          at = later(at, seconds);
          accepted = accepted.filter((time) => time > later(at, -LIMITS.addressWindow));
          const allowed = accepted.length < max;
          const [oldest = at] = accepted;
          const retryAfter = allowed
            ? 0
            : (later(oldest, LIMITS.addressWindow).getTime() - at.getTime()) / 1000;
          const context = contextAt(() => at, { ATTEMPTS_PER_ADDRESS: String(max) });
          expect(await tried(() => countAttempt(context, ip))).toEqual({ allowed, retryAfter });
          if (allowed) accepted.push(at);
        }
      }),
      { numRuns: 12 },
    );
  });

  it("are a hundred on all credential routes together, of a hundred and twenty at once", async () => {
    const calls = Array.from({ length: 6 }, (_, lot) =>
      twenty((index) => {
        const headers = { "cf-connecting-ip": `2001:db8:1:2::${lot * 20 + index}` };
        return index % 2 === 0
          ? post("forgot-password", { email: newAddress() }, headers)
          : post("reset-password", { token: "" }, headers);
      }),
    );
    const answers = (await Promise.all(calls)).flat();
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(20);
    expect(await problemOf(refused[0] ?? new Response("{}"))).toEqual({
      status: 429,
      code: "too_many_requests",
    });
    const from = (ip: string) => ({ "cf-connecting-ip": ip });
    const { email } = await storedUser();
    const again = await post("login", { email, password: PASSWORD }, from("2001:db8:1:2:ffff::"));
    expect(again.status).toBe(429);
    expect(Number(again.headers.get("retry-after"))).toBeGreaterThan(800);
    expect(await failuresOf(email)).toBe(0);
    expect((await post("login", { email, password: PASSWORD }, from("2001:db8:1:3::1"))).status).toBe(200);
    const spoofed = {
      "x-forwarded-for": "203.0.113.77",
      "x-real-ip": "203.0.113.77",
      ...from("2001:db8:1:2::9"),
    };
    expect((await post("unlock", { token: "x" }, spoofed)).status).toBe(429);
    // Whoever has a token is not counted here.
    expect((await post("refresh", { refreshToken: "x" }, from("2001:db8:1:2::9"))).status).toBe(401);
    expect((await exports.default.fetch("https://souk.test/.well-known/jwks.json")).status).toBe(200);
  });

  it("count for a log-in by the same statement", async () => {
    const context = contextAt(() => START, { ATTEMPTS_PER_ADDRESS: "2" });
    const ip = "203.0.113.200";
    for (let time = 0; time < 2; time++)
      await expect(
        logIn(context, { email: newAddress(), password: WRONG }, { ...nowhere, ip }),
      ).rejects.toMatchObject({ code: "invalid_credentials" });
    await expect(
      logIn(context, { email: newAddress(), password: WRONG }, { ...nowhere, ip }),
    ).rejects.toMatchObject({ code: "too_many_requests", retryAfter: LIMITS.addressWindow });
  });
});
