import { env, exports } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import { createLocalJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contextAt } from "../../test/actions.ts";
import { Env } from "../env.ts";
import { KeySet } from "../schemas.ts";
import { publishKeys } from "./publish-keys.ts";
import { signAccessToken } from "./sign-access-token.ts";

const account = {
  id: contextAt().newId(),
  email: "ada@example.com",
  firstName: "Ada",
  lastName: "Lovelace",
  role: "user" as const,
  status: "active" as const,
};
const sessionId = contextAt().newId();
const options = { issuer: "https://souk.test", audience: "souk", algorithms: ["ES256"] };

async function key(kid: string) {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid };
}
const contextWith = (keys: object[]) => contextAt(() => new Date(), { JWT_KEYS: JSON.stringify(keys) });

describe("access tokens", () => {
  it("carry the documented claims for an hour", async () => {
    const context = contextAt();
    const token = await signAccessToken(context, account, sessionId);
    const { payload, protectedHeader } = await jwtVerify(
      token,
      createLocalJWKSet(publishKeys(context)),
      options,
    );
    expect(protectedHeader).toEqual({ alg: "ES256", typ: "JWT", kid: "new" });
    const { id: userId, email } = account;
    expect(payload).toMatchObject({ sub: userId, userId, email, role: "user", sid: sessionId });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    const second = await jwtVerify(
      await signAccessToken(context, account, sessionId),
      createLocalJWKSet(publishKeys(context)),
      options,
    );
    expect(second.payload.jti).not.toBe(payload.jti);
  });

  it("of the old key stay valid while the new one signs, until the old key is taken away", async () => {
    const [old, next] = [await key("2026-01"), await key("2026-02")];
    const before = await signAccessToken(contextWith([old]), account, sessionId);
    const announced = contextWith([old, next]);
    expect(decodeProtectedHeader(await signAccessToken(announced, account, sessionId)).kid).toBe("2026-01");
    const rotated = contextWith([next, old]);
    const after = await signAccessToken(rotated, account, sessionId);
    expect(decodeProtectedHeader(after).kid).toBe("2026-02");
    for (const keys of [announced, rotated].map(publishKeys)) {
      for (const token of [before, after]) await jwtVerify(token, createLocalJWKSet(keys), options);
    }
    const retired = createLocalJWKSet(publishKeys(contextWith([next])));
    await jwtVerify(after, retired, options);
    await expect(jwtVerify(before, retired, options)).rejects.toMatchObject({
      code: "ERR_JWKS_NO_MATCHING_KEY",
    });
  });

  it("are refused without signature, with another's key or another algorithm", async () => {
    const context = contextAt();
    const keys = createLocalJWKSet(publishKeys(context));
    const [, payload, signature] = (await signAccessToken(context, account, sessionId)).split(".");
    const encode = (header: object) =>
      btoa(JSON.stringify(header)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
    const stranger = await signAccessToken(contextWith([await key("new")]), account, sessionId);
    for (const forged of [
      `${encode({ alg: "none", kid: "new" })}.${payload}.`,
      `${encode({ alg: "none", kid: "new" })}.${payload}.${signature}`,
      `${encode({ alg: "HS256", kid: "new" })}.${payload}.${signature}`,
      `${encode({ alg: "ES256", kid: "old" })}.${payload}.${signature}`,
      `${encode({ alg: "ES256", kid: "unknown" })}.${payload}.${signature}`,
      stranger,
    ]) {
      await expect(jwtVerify(forged, keys, options)).rejects.toThrow();
    }
  });
});

describe("the published key set", () => {
  it("holds the public halves of all keys, may be cached, and nothing private", async () => {
    const answer = await exports.default.fetch("https://souk.test/.well-known/jwks.json");
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    const json: unknown = await answer.json();
    expect(JSON.stringify(json)).not.toContain('"d"');
    expect(KeySet.parse(json).keys).toMatchObject([
      { kid: "new", kty: "EC", crv: "P-256", alg: "ES256", use: "sig" },
      { kid: "old" },
    ]);
  });
});

describe("the environment", () => {
  const broken = async (change: object) => () => parseEnv(Env, { ...env, ...change });
  it("is refused, by name and without its value, when a key is wrong", async () => {
    const one = await key("a");
    const { d, ...publicHalf } = one;
    for (const change of [
      { JWT_KEYS: "[]" },
      { JWT_KEYS: "not json" },
      { JWT_KEYS: JSON.stringify([one, one]) },
      { JWT_KEYS: JSON.stringify([publicHalf]) },
      { REFRESH_KEYS: "[]" },
      { REFRESH_KEYS: JSON.stringify(["c2hvcnQ"]) },
    ]) {
      const parse = await broken(change);
      expect(parse).toThrow(Object.keys(change)[0]);
      expect(parse).not.toThrow(z.string().parse(d));
    }
  });
});
