import { exports } from "cloudflare:workers";
import { Problem } from "@souk/kit/problem";
import fc from "fast-check";
import { exportSPKI, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { actorIn, echoOf, requestsTo, tell } from "../../test/domain-workers.ts";
import { accessToken, publish, SESSION_ID, signingKey, USER_ID, type SigningKey } from "../../test/tokens.ts";

const USERS_ROUTE = "/api/v1/users/me";
const ADMIN_ROUTE = "/api/v1/events/dead-letters";
const PUBLIC_ROUTE = "/ws";

const call = (path: string, headers: Record<string, string> = {}) =>
  exports.default.fetch(`https://souk.test${path}`, { headers });
const withToken = (path: string, token: string) => call(path, { authorization: `Bearer ${token}` });

// The keys are kept per isolate and so from test to test: each test begins an hour after the one before.
let key: SigningKey;
let clock = Date.now();
const passMinutes = (minutes: number) => vi.setSystemTime((clock += minutes * 60_000));
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  passMinutes(60);
  key = await signingKey(crypto.randomUUID());
  for (const worker of ["users", "events", "notifications"] as const) await tell(worker, {});
  await publish(key);
});
afterEach(() => vi.useRealTimers());

describe("a good token", () => {
  it("becomes the actor that the Worker is told; the token itself goes no further", async () => {
    const echo = await echoOf(await withToken(USERS_ROUTE, await accessToken(key)));
    expect(actorIn(echo)).toEqual({
      userId: USER_ID,
      email: "ada@example.com",
      role: "user",
      sessionId: SESSION_ID,
    });
    expect(echo.headers.authorization).toBeUndefined();
  });

  it("is told on public routes too, by which a WebSocket can be opened", async () => {
    expect(actorIn(await echoOf(await withToken(PUBLIC_ROUTE, await accessToken(key))))?.userId).toBe(
      USER_ID,
    );
  });

  it("of a user does not open an admin's route, of an admin it does", async () => {
    const refused = await withToken(ADMIN_ROUTE, await accessToken(key));
    expect(refused.status).toBe(403);
    expect(Problem.parse(await refused.json())).toMatchObject({
      code: "forbidden",
      error: "Insufficient permissions",
    });
    expect(await requestsTo("events")).toBe(0);
    expect((await withToken(ADMIN_ROUTE, await accessToken(key, { role: "admin" }))).status).toBe(200);
  });

  it("stops being good when it expires, even if it was seen before", async () => {
    const token = await accessToken(key, { expiresIn: 30 });
    expect((await withToken(USERS_ROUTE, token)).status).toBe(200);
    passMinutes(1);
    expect((await withToken(USERS_ROUTE, token)).status).toBe(401);
  });
});

describe("without a token", () => {
  it("public routes answer, the others are 401 with a bare challenge", async () => {
    expect((await call(PUBLIC_ROUTE)).status).toBe(200);
    for (const path of [USERS_ROUTE, ADMIN_ROUTE]) {
      const response = await call(path);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(Problem.parse(await response.json())).toMatchObject({
        code: "unauthorized",
        error: "Unauthorized",
      });
    }
  });
});

describe("a bad token", () => {
  const claims = () => ({
    sub: USER_ID,
    sid: SESSION_ID,
    jti: "a",
    email: "a@example.com",
    role: "admin",
    iss: "https://souk.test",
    aud: "souk",
  });
  const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

  const BAD: [string, () => Promise<string>][] = [
    ["garbage", async () => "garbage"],
    ["of another key with the same id", async () => accessToken({ ...key, ...(await signingKey(key.kid)) })],
    ["of an unknown key id", async () => accessToken(await signingKey("someone-else"))],
    [
      "without a key id",
      async () =>
        new SignJWT({ ...claims(), exp: inAnHour(), iat: 1 })
          .setProtectedHeader({ alg: "ES256" })
          .sign(key.privateKey),
    ],
    ["expired", async () => accessToken(key, { expiresIn: -60 })],
    ["for another audience", async () => accessToken(key, { audience: "other" })],
    ["of another issuer", async () => accessToken(key, { issuer: "https://evil.test" })],
    ["with alg none", async () => new UnsecuredJWT({ ...claims(), exp: inAnHour() }).encode()],
    [
      "signed with the public key as an HMAC secret",
      async () => {
        const secret = new TextEncoder().encode(await exportSPKI(key.publicKey));
        return new SignJWT({ ...claims(), exp: inAnHour(), iat: 1 })
          .setProtectedHeader({ alg: "HS256", kid: key.kid })
          .sign(secret);
      },
    ],
    ["with an unknown role", async () => accessToken(key, { role: "root" })],
    ...["exp", "iat", "sub", "sid", "jti", "email", "role", "iss", "aud"].map(
      (claim): [string, () => Promise<string>] => [
        `without ${claim}`,
        async () => accessToken(key, { without: [claim] }),
      ],
    ),
    [
      "with its payload changed",
      async () => {
        const [head, , signature] = (await accessToken(key)).split(".");
        return `${head}.${btoa(JSON.stringify({ ...claims(), exp: inAnHour(), iat: 1 })).replaceAll("=", "")}.${signature}`;
      },
    ],
    ["longer than 4096 characters", async () => `${await accessToken(key)}${"a".repeat(4096)}`],
  ];

  it.each(BAD)("%s is 401 everywhere, also on public routes", async (_name, make) => {
    const token = await make();
    for (const path of [USERS_ROUTE, ADMIN_ROUTE, PUBLIC_ROUTE]) {
      const response = await withToken(path, token);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    }
    expect(
      (await requestsTo("users")) + (await requestsTo("events")) + (await requestsTo("notifications")),
    ).toBe(0);
  });

  it("of another scheme is 401", async () => {
    expect((await call(PUBLIC_ROUTE, { authorization: "Basic YWRhOmFkYQ==" })).status).toBe(401);
  });

  it("is no other token's spelling: none that differs in one character passes, however good the original", async () => {
    const token = await accessToken(key);
    expect((await withToken(USERS_ROUTE, token)).status).toBe(200);
    // The last character of each part may carry bits that base64url does not use: those spellings decode to the same bytes.
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom("A", "B", "z", "0", "9", "-", "_", "."),
        async (at, character) => {
          fc.pre(token[at] !== character && !/^(\.|$)/.test(token.slice(at + 1)));
          const response = await withToken(USERS_ROUTE, token.slice(0, at) + character + token.slice(at + 1));
          expect(response.status).toBe(401);
        },
      ),
      { numRuns: 60 },
    );
  });
});
