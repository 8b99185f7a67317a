import { exports } from "cloudflare:workers";
import { newApiKey } from "@souk/kit/api-key";
import { Problem } from "@souk/kit/problem";
import type { KnownApiKey } from "@souk/kit/rpc";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { actorIn, echoOf, requestsTo, tell } from "../../test/domain-workers.ts";
import { USER_ID } from "../../test/tokens.ts";

const ALERTS = "/api/v1/alerts";
const PRICES = "/api/v1/prices/current?metal=XAU&currency=USD";
const WITHOUT_SCOPE = ["/api/v1/auth/sessions", "/api/v1/auth/api-keys", "/api/v1/emails", "/ws"];

let clock = Date.now();
const passSeconds = (seconds: number) => vi.setSystemTime((clock += seconds * 1000));

/** A key as its holder has it, and what `auth` tells of it. */
function newKey(change: Partial<KnownApiKey> = {}) {
  const id = crypto.randomUUID();
  const { key, hash } = newApiKey(id);
  const known: KnownApiKey = {
    userId: USER_ID,
    email: "ada@example.com",
    role: "user",
    scopes: ["alerts:read", "prices:read"],
    state: "active",
    expiresAt: null,
    hash,
    previous: null,
    ...change,
  };
  return { id, key, hash, known };
}
const publish = (...keys: { id: string; known: KnownApiKey }[]) =>
  tell("auth", { apiKeys: Object.fromEntries(keys.map(({ id, known }) => [id, known])) });

const call = (path: string, key: string, method = "GET", headers: Record<string, string> = {}) =>
  exports.default.fetch(`https://souk.test${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "cache-control": "no-store", ...headers },
  });
const statusOf = async (path: string, key: string, method = "GET") => (await call(path, key, method)).status;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  passSeconds(3600);
  for (const worker of ["alerts", "auth", "email", "notifications"] as const) await tell(worker, {});
});
afterEach(() => vi.useRealTimers());

describe("a good API key", () => {
  it("becomes its owner, with its id and scopes; the key itself goes no further", async () => {
    const { id, key, known } = newKey();
    await publish({ id, known });
    const echo = await echoOf(await call(ALERTS, key));
    expect(actorIn(echo)).toEqual({
      userId: USER_ID,
      email: "ada@example.com",
      role: "user",
      sessionId: id,
      apiKeyId: id,
      scopes: ["alerts:read", "prices:read"],
    });
    expect(JSON.stringify(echo)).not.toContain(key.slice(-30));
  });

  it("opens what it holds the scope of, and nothing else, whoever owns it", async () => {
    const one = newKey();
    const admins = newKey({ role: "admin" });
    await publish(one, admins);
    for (const { key } of [one, admins]) {
      for (const path of [ALERTS, PRICES]) expect(await statusOf(path, key)).toBe(200);
      for (const [path, method] of [
        [ALERTS, "POST"],
        ["/api/v1/notifications", "GET"],
        ...WITHOUT_SCOPE.map((closed) => [closed, "GET"] as const),
        ["/api/v1/auth/login", "POST"],
        ["/api/v1/realtime/tickets", "POST"],
      ] as const) {
        const refused = await call(path, key, method);
        expect([path, refused.status]).toEqual([path, 403]);
        expect(Problem.parse(await refused.json())).toMatchObject({ code: "forbidden" });
      }
    }
    for (const worker of ["email", "notifications"] as const) expect(await requestsTo(worker)).toBe(0);
  });

  it("opens no WebSocket", async () => {
    const one = newKey();
    await publish(one);
    expect((await call("/ws", one.key, "GET", { upgrade: "websocket" })).status).toBe(403);
  });

  it("counts to its owner's quota", async () => {
    const owner = crypto.randomUUID();
    const keys = [newKey({ userId: owner }), newKey({ userId: owner })] as const;
    await publish(...keys);
    const left = async (key: string) =>
      Number((await call(ALERTS, key)).headers.get("x-ratelimit-remaining"));
    const first = await left(keys[0].key);
    expect(await left(keys[1].key)).toBe(first - 1);
  });
});

describe("what auth says of a key", () => {
  it("is kept for at most 10 s: a revoked one is refused then, by an isolate that was warm", async () => {
    const { id, key, known } = newKey();
    await publish({ id, known });
    for (let time = 0; time < 20; time++) expect(await statusOf(ALERTS, key)).toBe(200);
    expect(await requestsTo("auth")).toBe(1);
    for (const state of ["revoked", "expired", "disabled"] as const) {
      await publish({ id, known: { ...known, state } });
      passSeconds(10.001);
      const refused = await call(ALERTS, key);
      expect(refused.status).toBe(401);
      expect(refused.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
      // Why is nobody else's business.
      expect(Problem.parse(await refused.json()).detail).toBe("The API key is not valid.");
    }
    await publish();
    passSeconds(10.001);
    expect(await statusOf(ALERTS, key)).toBe(401);
  });

  it("is asked for anew after 5 s, and the key is good while auth is silent, but no longer than 10 s", async () => {
    const { id, key, known } = newKey();
    await publish({ id, known });
    expect(await statusOf(ALERTS, key)).toBe(200);
    await tell("auth", { fail: "throw" });
    passSeconds(4.9);
    expect(await statusOf(ALERTS, key)).toBe(200);
    passSeconds(0.2);
    for (let time = 0; time < 3; time++) expect(await statusOf(ALERTS, key)).toBe(200);
    expect(await requestsTo("auth")).toBe(1);
    expect(await statusOf(ALERTS, newApiKey(id).key)).toBe(503);
    passSeconds(4.8);
    expect(await statusOf(ALERTS, key)).toBe(200);
    passSeconds(0.2);
    expect(await statusOf(ALERTS, key)).toBe(503);
  });

  it("does not outlive the key, nor the time of the one before a roll", async () => {
    const before = newKey();
    const until = new Date(clock + 3_000).toISOString();
    const rolled = newApiKey(before.id);
    const known = { ...before.known, hash: rolled.hash, previous: { hash: before.hash, until } };
    const short = newKey({ expiresAt: until });
    await publish({ id: before.id, known }, short);
    for (const key of [before.key, rolled.key, short.key]) expect(await statusOf(ALERTS, key)).toBe(200);
    passSeconds(3);
    for (const key of [before.key, short.key]) expect(await statusOf(ALERTS, key)).toBe(401);
    expect(await statusOf(ALERTS, rolled.key)).toBe(200);
  });

  it("is asked for again when another secret comes, so that a rolled key is good at once", async () => {
    const { id, key, known } = newKey();
    await publish({ id, known });
    expect(await statusOf(ALERTS, key)).toBe(200);
    const rolled = newApiKey(id);
    await publish({ id, known: { ...known, hash: rolled.hash } });
    expect(await statusOf(ALERTS, rolled.key)).toBe(200);
  });
});

describe("a guess", () => {
  it("with a wrong checksum asks nobody", async () => {
    const { id, key, known } = newKey();
    await publish({ id, known });
    const last = key.endsWith("0") ? "1" : "0";
    for (const wrong of [key.slice(0, -1) + last, `${key}0`, key.toUpperCase(), "souk_", "souk_x"])
      expect(await statusOf(ALERTS, wrong)).toBe(401);
    expect(await requestsTo("auth")).toBe(0);
  });

  it("of a key's secret costs two calls a second at most, and harms the key not", async () => {
    const { id, key, known } = newKey();
    await publish({ id, known });
    expect(await statusOf(ALERTS, key)).toBe(200);
    for (let guess = 0; guess < 50; guess++) expect(await statusOf(ALERTS, newApiKey(id).key)).toBe(401);
    expect(await statusOf(ALERTS, key)).toBe(200);
    expect(await requestsTo("auth")).toBe(2);
  });

  it("of an id is remembered, and 1,100 of them push no good key out", async () => {
    const good = newKey();
    await publish(good);
    expect(await statusOf(ALERTS, good.key)).toBe(200);
    const unknown = newKey();
    for (let guess = 0; guess < 3; guess++) expect(await statusOf(ALERTS, unknown.key)).toBe(401);
    expect(await requestsTo("auth")).toBe(2);
    for (let hundred = 0; hundred < 11; hundred++)
      await Promise.all(Array.from({ length: 100 }, () => call(ALERTS, newKey().key)));
    await tell("auth", { fail: "throw" });
    expect(await statusOf(ALERTS, good.key)).toBe(200);
  }, 60_000);
});
