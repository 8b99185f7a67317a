import { createExecutionContext, createScheduledController, env } from "cloudflare:test";
import { mailSignIns } from "@souk/db/schema/auth-mail-sign-ins";
import { sessions, tokens } from "@souk/db/schema/auth";
import { accountAttempts, addressAttempts } from "@souk/db/schema/auth-attempts";
import { loginChallenges, totpFactors, trustedDevices } from "@souk/db/schema/auth-second-factor";
import { dataKeyId } from "@souk/kit/envelope";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { contextAt, loggedIn, owner, post, storedUser } from "../../test/actions.ts";
import { flowOf } from "../../test/mail-sign-ins.ts";
import { challengeOf, codeOf, protectedUser, secretOf } from "../../test/second-factor.ts";
import worker from "../index.ts";
import { LIMITS, later } from "../limits.ts";
import { mintLink } from "../services/mint-link.ts";
import { resealFactors } from "../services/reseal-factors.ts";

const run = (at: Date) =>
  worker.scheduled(
    createScheduledController({ cron: "17 * * * *", scheduledTime: at }),
    env,
    createExecutionContext(),
  );

describe("the hourly sweep", () => {
  it("takes away what is over, and nothing else", async () => {
    const { id, email } = await protectedUser();
    const ip = { "cf-connecting-ip": "203.0.113.60" };
    await post(
      "login/second-factor",
      { challenge: await challengeOf(email), code: await codeOf(id), trustDevice: true },
      ip,
    );
    await challengeOf(email);
    const counts = () =>
      Promise.all(
        [addressAttempts, accountAttempts, loginChallenges, trustedDevices].map((table) =>
          owner.$count(table),
        ),
      );
    await run(new Date());
    expect(await counts()).toEqual([1, 1, 1, 1]);
    const now = new Date();
    await run(later(now, LIMITS.addressWindow + 1));
    expect(await counts()).toEqual([0, 1, 0, 1]);
    await run(later(now, LIMITS.failures.forgotten + 1));
    expect(await counts()).toEqual([0, 0, 0, 1]);
    await run(later(now, LIMITS.trustedDevice + 1));
    expect(await counts()).toEqual([0, 0, 0, 0]);
    expect((await post("login", { email, password: "Correct-horse-1" })).status).toBe(200);
  });
});

describe("what has ended", () => {
  it("is forgotten: links at their end, sessions a good while after theirs", async () => {
    const { id, email } = await storedUser();
    await loggedIn(email);
    await mintLink(contextAt(), id, "reset_password");
    await flowOf(email);
    const counts = () =>
      Promise.all([
        owner.$count(tokens, eq(tokens.userId, id)),
        owner.$count(sessions, eq(sessions.userId, id)),
        owner.$count(mailSignIns, eq(mailSignIns.userId, id)),
      ]);
    const now = new Date();
    await run(later(now, LIMITS.mailSignIn - 60));
    expect(await counts()).toEqual([1, 1, 1]);
    await run(later(now, LIMITS.link.reset_password - 60));
    expect(await counts()).toEqual([1, 1, 0]);
    await run(later(now, LIMITS.link.reset_password + 60));
    expect(await counts()).toEqual([0, 1, 0]);
    await run(later(now, LIMITS.session + LIMITS.sessionKept - 60));
    expect(await counts()).toEqual([0, 1, 0]);
    await run(later(now, LIMITS.session + LIMITS.sessionKept + 60));
    expect(await counts()).toEqual([0, 0, 0]);
  });
});

describe("sealing anew", () => {
  it("moves secrets from an older key to the newest, which alone opens them then", async () => {
    const { id } = await protectedUser();
    const secret = await secretOf(id);
    const [newest = "", older = ""] = contextAt().env.DATA_KEYS.map((key) =>
      Buffer.from(key).toString("base64url"),
    );
    const only = (...keys: string[]) => contextAt(() => new Date(), { DATA_KEYS: JSON.stringify(keys) });
    const rotated = only(older, newest);
    expect(await resealFactors(rotated)).toBeGreaterThan(0);
    expect(await resealFactors(rotated)).toBe(0);
    const [factor] = await owner.select().from(totpFactors).where(eq(totpFactors.userId, id));
    expect(factor?.sealedSecret.split(".")[0]).toBe(await dataKeyId(rotated.env.DATA_KEYS[0]));
    await expect(resealFactors(only(newest))).rejects.toThrow(/data key that is not there/);
    expect(await secretOf(id)).toEqual(secret);
  });
});
