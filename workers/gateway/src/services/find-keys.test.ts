import { exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { requestsTo, tell } from "../../test/domain-workers.ts";
import { accessToken, publish, signingKey, type SigningKey } from "../../test/tokens.ts";

const withToken = (token: string) =>
  exports.default.fetch("https://souk.test/api/v1/users/me", {
    headers: { authorization: `Bearer ${token}` },
  });

// The keys are kept per isolate and so from test to test: each test begins an hour after the one before.
let key: SigningKey;
let clock = Date.now();
const passMinutes = (minutes: number) => vi.setSystemTime((clock += minutes * 60_000));
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  passMinutes(60);
  key = await signingKey(crypto.randomUUID());
  await publish(key);
});
afterEach(() => vi.useRealTimers());

describe("signing keys", () => {
  it("are read once for many tokens", async () => {
    for (let i = 0; i < 5; i++) expect((await withToken(await accessToken(key))).status).toBe(200);
    expect(await requestsTo("auth")).toBe(1);
  });

  it("rotate with overlap: the new key is read when a token first names it, the old one stays good", async () => {
    const old = await accessToken(key);
    expect((await withToken(old)).status).toBe(200);
    const next = await signingKey("next");
    await publish(next, key);
    passMinutes(1);
    expect((await withToken(await accessToken(next))).status).toBe(200);
    expect((await withToken(await accessToken(key))).status).toBe(200);
    expect(await requestsTo("auth")).toBe(1);
  });

  it("that are withdrawn are refused after 5 minutes", async () => {
    const token = await accessToken(key);
    expect((await withToken(token)).status).toBe(200);
    await publish(await signingKey("next"));
    passMinutes(6);
    expect((await withToken(token)).status).toBe(401);
  });

  it("are not read for each made-up key id: at most once in 30 s", async () => {
    expect((await withToken(await accessToken(key))).status).toBe(200);
    passMinutes(1);
    const stranger = await signingKey("x");
    for (let i = 0; i < 20; i++) {
      expect((await withToken(await accessToken(stranger, { kid: `made-up-${i}` }))).status).toBe(401);
    }
    expect(await requestsTo("auth")).toBe(2);
  });

  it("stay good while auth does not give them", async () => {
    expect((await withToken(await accessToken(key))).status).toBe(200);
    await tell("auth", { fail: "requests" });
    passMinutes(10);
    for (let i = 0; i < 5; i++) expect((await withToken(await accessToken(key))).status).toBe(200);
  });
});
