import { env, exports } from "cloudflare:workers";
import { uuidv7 } from "@souk/kit/ids";
import { Problem } from "@souk/kit/problem";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tell } from "../../test/domain-workers.ts";
import { accessToken, SESSION_ID, signingKey, type SigningKey } from "../../test/tokens.ts";
import { Env } from "../env.ts";
import { CONTROL_LIMITS } from "../limits.ts";

const READ = ["GET", "/api/v1/users/me"] as const;
const WRITE = ["PUT", "/api/v1/users/me"] as const;
const OTHER = "019a0000-0000-7000-8000-000000000003";

let key: SigningKey;
let clock = Date.now();
const passSeconds = (seconds: number) => vi.setSystemTime((clock += seconds * 1000));

/** Makes the stub of `auth` say which sessions have ended, or say nothing at all. */
const revoke = (...revoked: string[]) => tell("auth", { jwks: { keys: [key.publicJwk] }, revoked });
const silence = () => tell("auth", { fail: "throw" });

// Snapshot and keys are kept per isolate and so from test to test: each test begins an hour after the one before.
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  passSeconds(3600);
  key = await signingKey(crypto.randomUUID());
  await tell("users", {});
  await revoke();
});
afterEach(() => vi.useRealTimers());

async function call([method, path]: readonly [string, string], token: string) {
  const response = await exports.default.fetch(`https://souk.test${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  if (response.ok) return { status: response.status };
  const { status, error, retryAfter } = Problem.parse(await response.json());
  return { status, error, ...(retryAfter !== undefined && { retryAfter }) };
}
const OK = { status: 200 };
const ENDED = { status: 401, error: "Unauthorized" };
const UNKNOWN = { status: 503, error: "Service unavailable", retryAfter: 5 };

describe("a revoked session", () => {
  it("is refused within 10 s by an isolate that was warm, and no other session is", async () => {
    const token = await accessToken(key);
    expect(await call(READ, token)).toEqual(OK);
    await revoke(SESSION_ID);
    passSeconds(10.001);
    expect(await call(READ, token)).toEqual(ENDED);
    expect(await call(WRITE, token)).toEqual(ENDED);
    await revoke(OTHER);
    passSeconds(10.001);
    expect(await call(READ, token)).toEqual(OK);
  });

  it("is refused sooner where there is traffic: the snapshot is read anew behind a request after 5 s", async () => {
    const token = await accessToken(key);
    expect(await call(READ, token)).toEqual(OK);
    await revoke(SESSION_ID);
    passSeconds(5);
    await vi.waitFor(async () => expect(await call(READ, token)).toEqual(ENDED), { timeout: 10_000 });
  });

  it("is refused on public routes too, whatever its token's text", async () => {
    await revoke(SESSION_ID);
    for (const token of [await accessToken(key), await accessToken(key)])
      expect(await call(["GET", "/ws"], token)).toEqual(ENDED);
  });
});

describe("very many revoked sessions", () => {
  it("are refused all the same, and no other is", async () => {
    const many = Array.from({ length: CONTROL_LIMITS.sessionIds }, () => uuidv7(new Date()));
    const object = Env.parse(env).CONTROL.getByName(crypto.randomUUID());
    await revoke(...many);
    expect((await object.snapshot()).revokedTails).toBeUndefined();
    const token = await accessToken(key);
    expect(await call(READ, token)).toEqual(OK);
    await revoke(...many, SESSION_ID);
    passSeconds(10.001);
    const snapshot = await object.snapshot();
    expect([snapshot.revokedSessions, snapshot.revokedTails?.byteLength]).toEqual([
      [],
      8 * (many.length + 1),
    ]);
    expect(await call(READ, token)).toEqual(ENDED);
    await revoke(...many, OTHER);
    passSeconds(10.001);
    expect(await call(READ, token)).toEqual(OK);
  });
});

describe("while sessions cannot be checked", () => {
  it("writes are refused after 10 s, reads after 60 s; known revocations hold; without a token nothing changes", async () => {
    const token = await accessToken(key);
    expect(await call(WRITE, token)).toEqual(OK);
    await silence();
    passSeconds(9);
    expect(await call(WRITE, token)).toEqual(OK);
    passSeconds(3);
    expect(await call(WRITE, token)).toEqual(UNKNOWN);
    expect(await call(READ, token)).toEqual(OK);
    expect((await exports.default.fetch("https://souk.test/health")).status).toBe(200);
    passSeconds(47);
    expect(await call(READ, token)).toEqual(OK);
    passSeconds(2);
    expect(await call(READ, token)).toEqual(UNKNOWN);
    await revoke();
    passSeconds(2);
    expect(await call(WRITE, token)).toEqual(OK);
  });

  it("a revocation that is known holds", async () => {
    const token = await accessToken(key);
    await revoke(SESSION_ID);
    expect(await call(READ, token)).toEqual(ENDED);
    await silence();
    passSeconds(30);
    expect(await call(READ, token)).toEqual(ENDED);
  });
});
