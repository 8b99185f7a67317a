import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { neonConfig } from "@neondatabase/serverless";
import { sql } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { contextAt, newAddress, owner, PASSWORD, post, storedUser } from "../../test/actions.ts";
import { codeOf, protectedUser } from "../../test/second-factor.ts";
import { accountKey } from "../services/allow-account.ts";
import { newDeviceToken } from "../services/device-token.ts";
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
    body: { ...json, requestId: undefined, user: undefined },
    fields: Object.keys(z.record(z.string(), z.unknown()).parse(json["user"] ?? {})),
    roundTrips,
    hashes: vi
      .mocked(scryptHash.scryptBytes)
      .mock.calls.map(([, salt, bytes, { ln, r, p }]) => [salt.length, bytes, ln, r, p]),
  };
}

const strangersToken = newDeviceToken(contextAt(), { userId: crypto.randomUUID(), passwordVersion: 1 });

describe("a known, a pending and an unknown address are told apart by nothing", () => {
  it.each([
    ["register", 1, [HASH], { password: PASSWORD, firstName: "Ada", lastName: "Lovelace" }],
    ["login", 1, [HASH], { password: "Wrong-horse-1" }],
    ["login", 1, [HASH], { password: "Wrong-horse-1", deviceToken: strangersToken }],
    ["forgot-password", 1, [], {}],
    ["resend-verification", 1, [], {}],
  ])("by %s", async (path, trips, hashes, body) => {
    const active = await storedUser();
    const pending = await storedUser({ status: "pending" });
    const unknown = await seen(path, { ...body, email: newAddress() });
    expect(unknown).toMatchObject({ roundTrips: trips, hashes });
    expect(await seen(path, { ...body, email: active.email })).toEqual(unknown);
    expect(await seen(path, { ...body, email: pending.email })).toEqual(unknown);
  });

  it.each([
    ["without a password", { passwordHash: null }],
    ["that is banned", { bannedAt: new Date(), banReason: "Spam" }],
    ["that sleeps", { status: "deactivated" as const }],
    ["that is to be deleted", { status: "deleting" as const, deleteAfter: new Date() }],
    ["that is being erased", { status: "erasing" as const, deleteAfter: new Date() }],
  ])("by a wrong password for an account %s", async (_, values) => {
    const tried = (email: string) => seen("login", { email, password: "Wrong-horse-1" });
    expect(await tried((await storedUser(values)).email)).toEqual(await tried(newAddress()));
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
