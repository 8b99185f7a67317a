import { users } from "@souk/db/schema/auth";
import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { loginChallenges, totpFactors } from "@souk/db/schema/auth-second-factor";
import { neonConfig } from "@neondatabase/serverless";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { contextAt, linkToken, newAddress, owner, PASSWORD, post, storedUser } from "../../test/actions.ts";
import { flowOf } from "../../test/mail-sign-ins.ts";
import { challengeOf, codeOf, protectedUser } from "../../test/second-factor.ts";
import { accountKey } from "../services/allow-account.ts";
import { newDeviceToken } from "../services/device-token.ts";
import { newOneTimeToken } from "../services/one-time-token.ts";
import * as scryptHash from "../services/scrypt-hash.ts";

vi.mock("../services/scrypt-hash.ts", { spy: true });

/** One run at the cost of new hashes: bytes of salt and hash, ln, r, p. */
const HASH = [16, 32, 15, 8, 3];

let roundTrips = 0;
const send: unknown = neonConfig.fetchFunction;
neonConfig.fetchFunction = (url: string, init: RequestInit) => {
  roundTrips += 1;
  return z.custom<typeof fetch>((value) => typeof value === "function").parse(send)(url, init);
};

async function seen(path: string, body: Record<string, unknown>) {
  roundTrips = 0;
  vi.mocked(scryptHash.scryptBytes).mockClear();
  const answer = await post(path, body);
  const json = z.record(z.string(), z.unknown()).parse(await answer.json());
  return {
    status: answer.status,
    headers: [...answer.headers.keys()].toSorted(),
    body: { ...json, requestId: undefined, user: undefined, flow: undefined, expiresAt: undefined },
    fields: Object.keys(z.record(z.string(), z.unknown()).parse(json["user"] ?? {})),
    roundTrips,
    hashes: vi
      .mocked(scryptHash.scryptBytes)
      .mock.calls.map(([, salt, bytes, { ln, r, p }]) => [salt.length, bytes, ln, r, p]),
  };
}

/** The kinds of accounts that there are. */
const KINDS: Record<string, Parameters<typeof storedUser>[0]> = {
  active: {},
  pending: { status: "pending" },
  "without a password": { passwordHash: null },
  "with a second factor": {},
  banned: { bannedAt: new Date(), banReason: "Spam" },
  asleep: { status: "deactivated" },
  "to be deleted": { status: "deleting", deleteAfter: new Date() },
  "being erased": { status: "erasing", deleteAfter: new Date() },
};
const factorOf = (userId: string) => ({
  id: crypto.randomUUID(),
  userId,
  sealedSecret: "sealed",
  createdAt: new Date(),
  confirmedAt: new Date(),
});

const strangersToken = newDeviceToken(contextAt(), { userId: crypto.randomUUID(), passwordVersion: 1 });

describe("an account of any kind and an unknown address are told apart by nothing", () => {
  it.each([
    ["register", 1, [HASH], { password: PASSWORD, firstName: "Ada", lastName: "Lovelace" }],
    ["login", 1, [HASH], { password: "Wrong-horse-1" }],
    ["login", 1, [HASH], { password: "Wrong-horse-1", deviceToken: strangersToken }],
    ["forgot-password", 1, [], {}],
    ["resend-verification", 1, [], {}],
    ["mail-sign-ins", 1, [], {}],
  ])("by %s", async (path, trips, hashes, body) => {
    const unknown = await seen(path, { ...body, email: newAddress() });
    expect(unknown).toMatchObject({ roundTrips: trips, hashes });
    for (const [kind, values] of Object.entries(KINDS)) {
      const { id, email } = await storedUser(values);
      if (kind === "with a second factor") await owner.insert(totpFactors).values(factorOf(id));
      expect([kind, await seen(path, { ...body, email })]).toEqual([kind, unknown]);
    }
  });

  it("by a sign-in by mail, from the first wrong code to the one that is too much", async () => {
    const KNOWN = Object.entries(KINDS);
    const tried = async (email: string, failures: number) => {
      const lastAt = new Date(Date.now() - 7_200_000);
      if (failures > 0)
        await owner.insert(accountAttempts).values({ account: accountKey(sql`${email}`), failures, lastAt });
      const flow = await flowOf(email);
      const answers: unknown[] = [];
      for (const code of Array<string>(6).fill("01234567")) {
        const { headers, ...answer } = await seen("mail-sign-ins/sessions", { flow, code });
        const body = { ...answer.body, retryAfter: undefined };
        answers.push({ ...answer, body, headers: headers.filter((name) => name !== "retry-after") });
      }
      return answers;
    };
    for (const failures of [0, 7, 19, 20]) {
      const unknown = await tried(newAddress(), failures);
      expect(unknown[0]).toMatchObject({ status: 401, hashes: [], roundTrips: failures === 19 ? 2 : 1 });
      expect(unknown[5]).toMatchObject({ status: 401, body: { code: "invalid_challenge" } });
      for (const [kind, values] of KNOWN) {
        const { id, email } = await storedUser(values);
        if (kind === "with a second factor") await owner.insert(totpFactors).values(factorOf(id));
        expect([kind, await tried(email, failures)]).toEqual([kind, unknown]);
      }
    }
  });

  it.each([
    ["reset-password", [HASH], { password: PASSWORD }, "reset_password" as const],
    ["unlock", [], {}, "unlock_account" as const],
  ])("by %s: a link that is unknown, used or expired", async (path, hashes, body, purpose) => {
    const tried = (token: string) => seen(path, { ...body, token });
    const unknown = await tried(newOneTimeToken());
    expect(unknown).toMatchObject({ status: 400, body: { code: "invalid_link" }, hashes });
    const used = await linkToken((await storedUser()).id, purpose);
    expect((await post(path, { ...body, token: used })).status).toBe(200);
    expect(await tried(used)).toEqual(unknown);
    const yesterday = contextAt(() => new Date(Date.now() - 2 * 86_400_000));
    expect(await tried(await linkToken((await storedUser()).id, purpose, yesterday))).toEqual(unknown);
  });

  it("by a challenge that is unknown, used up, expired or of an account that was banned since", async () => {
    const tried = (challenge: string) => seen("login/second-factor", { challenge, code: "123456" });
    const unknown = await tried(newOneTimeToken());
    expect(unknown).toMatchObject({ status: 401, body: { code: "invalid_challenge" }, hashes: [] });
    const [used, expired, banned] = [await protectedUser(), await protectedUser(), await protectedUser()];
    const challenges = await Promise.all([used, expired, banned].map(({ email }) => challengeOf(email)));
    await owner.update(loginChallenges).set({ tries: 5 }).where(eq(loginChallenges.userId, used.id));
    const past = new Date(Date.now() - 1);
    await owner
      .update(loginChallenges)
      .set({ expiresAt: past })
      .where(eq(loginChallenges.userId, expired.id));
    await owner.update(users).set({ bannedAt: past, banReason: "Spam" }).where(eq(users.id, banned.id));
    for (const challenge of challenges) expect(await tried(challenge)).toEqual(unknown);
  });

  it.each([
    ["that waits for its next try", 10, 0, { status: 429, roundTrips: 1, hashes: [] }],
    ["that is locked", 20, 0, { status: 429, roundTrips: 1, hashes: [] }],
    ["that this try locks", 19, 7_200_000, { status: 401, roundTrips: 2, hashes: [HASH] }],
  ])("by a log-in to an account %s", async (_, failures, ago, expected) => {
    const lastAt = new Date(Date.now() - ago);
    const failed = (email: string) =>
      owner
        .insert(accountAttempts)
        .values({ account: accountKey(sql`${email}`), failures, lastAt })
        .then(() => email);
    const tried = async (email: string) => {
      const answer = await seen("login", { email, password: "Wrong-horse-1" });
      return { ...answer, body: { ...answer.body, retryAfter: undefined } };
    };
    const unknown = await tried(await failed(newAddress()));
    expect(unknown).toMatchObject(expected);
    expect(await tried(await failed((await storedUser()).email))).toEqual(unknown);
    expect(await tried(await failed((await storedUser({ status: "pending" })).email))).toEqual(unknown);
  });

  it("a log-in with a second factor takes two round trips to its challenge, and two to its session", async () => {
    const { id, email } = await protectedUser();
    const first = await seen("login", { email, password: PASSWORD });
    expect(first).toMatchObject({ status: 200, roundTrips: 2, hashes: [HASH] });
    const { challenge } = z.object({ challenge: z.string() }).parse(first.body);
    const body = { challenge, code: await codeOf(id) };
    roundTrips = 0;
    expect((await post("login/second-factor", body)).status).toBe(200);
    expect(roundTrips).toBe(2);
  });

  it("a log-in takes two round trips and one hash", async () => {
    const { email } = await storedUser();
    expect(await seen("login", { email, password: PASSWORD })).toMatchObject({
      status: 200,
      roundTrips: 2,
      hashes: [HASH],
    });
  });
});
