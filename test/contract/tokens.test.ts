import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import {
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import type { CryptoKey, JWTHeaderParameters, JWTPayload } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { newAdmin, newPerson, type Person } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { call } from "./call.ts";

const PROFILE = { method: "GET", path: "/api/v1/users/me" };
const EMAILS = { method: "GET", path: "/api/v1/emails" };

let ada: Person;
let admin: Person;
let own: CryptoKey | Uint8Array;
let other: Awaited<ReturnType<typeof generateKeyPair>>;
let header: JWTHeaderParameters;
let claims: JWTPayload;

beforeAll(async () => {
  [ada, admin] = [await newPerson(), await newAdmin()];
  const [key] = (await testPlatform()).secrets.jwtKeys;
  own = await importJWK(z.looseObject({ kty: z.string() }).parse(key), "ES256");
  other = await generateKeyPair("ES256", { extractable: true });
  const { alg, kid, typ } = decodeProtectedHeader(ada.accessToken);
  header = z
    .object({ alg: z.string(), kid: z.string() })
    .loose()
    .parse({ alg, kid, ...(typ && { typ }) });
  claims = decodeJwt(ada.accessToken);
});

const sign = (change: JWTPayload, head: Partial<JWTHeaderParameters> = {}, key = own): Promise<string> =>
  new SignJWT({ ...claims, ...change }).setProtectedHeader({ ...header, ...head }).sign(key);
const without = (name: string): Promise<string> =>
  new SignJWT(Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name)))
    .setProtectedHeader(header)
    .sign(own);
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const part = (at: number): string => ada.accessToken.split(".")[at] ?? "";
const now = (): number => Math.floor(Date.now() / 1000);

describe("an access token", () => {
  it("that is as it should be passes, also when made here", async () => {
    for (const token of [ada.accessToken, await sign({ jti: crypto.randomUUID() })])
      expect((await call(PROFILE, { token })).status).toBe(200);
  });

  it.each<[string, () => string | Promise<string>]>([
    ["that has expired", () => sign({ exp: now() - 60, iat: now() - 3700 })],
    ["that is not valid yet", () => sign({ nbf: now() + 3600 })],
    ["without an end", () => without("exp")],
    ["without a beginning", () => without("iat")],
    ["without a session", () => without("sid")],
    ["without a subject", () => without("sub")],
    ["without an audience", () => without("aud")],
    ["without an issuer", () => without("iss")],
    ["for another audience", () => sign({ aud: "bazaar" })],
    ["for other audiences", () => sign({ aud: ["bazaar", "SOUK"] })],
    ["of another issuer", () => sign({ iss: "https://evil.example" })],
    ["of a role that there is not", () => sign({ role: "root" })],
    ["of a subject that is no id", () => sign({ sub: "1 OR 1=1" })],
    ["signed by another key", () => sign({ role: "admin" }, {}, other.privateKey)],
    ["of an unknown key id", () => sign({}, { kid: "unknown" }, other.privateKey)],
    ["of a known key, named wrongly", () => sign({}, { kid: "unknown" })],
    [
      "without a key id",
      async () => new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "JWT" }).sign(own),
    ],
    ["of another type", () => sign({}, { typ: "logout+jwt" })],
    ["whose key id is a path", () => sign({}, { kid: "../../dev/null" })],
    [
      "that brings its own key",
      async () => sign({ role: "admin" }, { jwk: await exportJWK(other.publicKey) }, other.privateKey),
    ],
    [
      "that says where its key is",
      () => sign({ role: "admin" }, { jku: "https://evil.example/jwks.json" }, other.privateKey),
    ],
    ["alg none", () => new UnsecuredJWT(claims).encode()],
    ["alg none, with a key id", () => `${encoded({ ...header, alg: "none" })}.${part(1)}.`],
    ["alg none, with the signature", () => `${encoded({ ...header, alg: "NONE" })}.${part(1)}.${part(2)}`],
    [
      "signed by the public key as if it were a secret",
      async () => {
        const { json } = await call({ method: "GET", path: "/.well-known/jwks.json" });
        return sign({ role: "admin" }, { alg: "HS256" }, new TextEncoder().encode(JSON.stringify(json)));
      },
    ],
    ["whose claims were changed", () => `${part(0)}.${encoded({ ...claims, role: "admin" })}.${part(2)}`],
    ["whose signature was cut", () => ada.accessToken.slice(0, -4)],
    ["without a signature", () => `${part(0)}.${part(1)}.`],
    ["with a part too many", () => `${ada.accessToken}.${part(2)}`],
    [
      "that asks for what nobody knows",
      () => `${encoded({ ...header, crit: ["b64"], b64: false })}.${part(1)}.${part(2)}`,
    ],
    ["that is nothing", () => ""],
    ["of 5,000 letters", () => "x".repeat(5000)],
    ["that is the refresh token", () => ada.refreshToken],
  ])("%s is refused", async (_, make) => {
    const token = await make();
    for (const operation of [PROFILE, EMAILS, { method: "GET", path: "/api/v1/prices/current" }]) {
      const { status, headers, json, text } = await call(operation, { token });
      expect([operation.path, status]).toEqual([operation.path, 401]);
      expect(headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
      expect(json).toMatchObject({ code: "unauthorized", requestId: headers.get("x-request-id") });
      expect(text).not.toMatch(/JOSE|JWS|JWT|kid|signature/);
    }
  });

  it.each(["Basic YWRhOnB3", "Bearer", "Token x", "Bearer a b", "Bearer é"])(
    "is not what `Authorization: %s` brings",
    async (authorization) => {
      expect((await call(PROFILE, { headers: { authorization } })).status).toBe(401);
    },
  );
});

describe("identity claimed in headers", () => {
  const claimed = () => {
    const { id, email } = admin;
    const actor = encodeActor({ userId: id, email, role: "admin", sessionId: crypto.randomUUID() });
    return {
      [ACTOR_HEADER]: actor,
      [ACTOR_HEADER.toUpperCase()]: actor,
      "x-souk-role": "admin",
      "x-user-id": id,
      "x-forwarded-user": id,
      "x-forwarded-for": "127.0.0.1",
      "cf-worker": "gateway",
    };
  };

  it("opens nothing without a token", async () => {
    expect((await call(EMAILS, { headers: claimed() })).status).toBe(401);
    expect((await call(PROFILE, { headers: claimed() })).status).toBe(401);
  });

  it("changes nothing with one", async () => {
    const token = ada.accessToken;
    expect((await call(EMAILS, { token, headers: claimed() })).status).toBe(403);
    expect((await call(PROFILE, { token, headers: claimed() })).json).toMatchObject({ userId: ada.id });
  });
});
