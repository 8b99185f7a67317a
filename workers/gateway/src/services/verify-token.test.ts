import { exports } from "cloudflare:workers";
import fc from "fast-check";
import { exportJWK, exportSPKI, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { tell } from "../../test/domain-workers.ts";
import { accessToken, publish, signingKey, type SigningKey } from "../../test/tokens.ts";

/**
 * What Wycheproof's vectors for JWS do to a token of ES256, each done to a token that is sound but for that: theirs sign the text "foo",
 * which is no JWT, so that they would be refused for that alone.
 */

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

let key: SigningKey;
beforeAll(async () => {
  // The keys of earlier tests are known in this isolate for a while.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
  key = await signingKey(crypto.randomUUID());
  await tell("users", {});
  await publish(key);
});
afterAll(() => vi.useRealTimers());

const statusOf = async (token: string): Promise<number> =>
  (
    await exports.default.fetch("https://souk.test/api/v1/users/me", {
      headers: { authorization: `Bearer ${token}` },
    })
  ).status;

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const bytesOf = (number: bigint, length: number): Buffer =>
  Buffer.from(number.toString(16).padStart(length * 2, "0"), "hex");
const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString("hex")}`);
/** A signature of two numbers of so many bytes each. */
const signature = (r: bigint, s: bigint, length = 32): string =>
  Buffer.concat([bytesOf(r, length), bytesOf(s, length)]).toString("base64url");

interface Parts {
  header: string;
  payload: string;
  signed: string;
  r: bigint;
  s: bigint;
}

async function partsOf(): Promise<Parts> {
  const [header = "", payload = "", signed = ""] = (await accessToken(key)).split(".");
  const bytes = Buffer.from(signed, "base64url");
  return { header, payload, signed, r: numberOf(bytes.subarray(0, 32)), s: numberOf(bytes.subarray(32)) };
}
const signedAs =
  (forge: (parts: Parts) => string): ((parts: Parts) => string) =>
  (parts) =>
    `${parts.header}.${parts.payload}.${forge(parts)}`;
const claimsOf = ({ payload }: Parts): Record<string, unknown> =>
  JSON.parse(Buffer.from(payload, "base64url").toString());

describe("a token as Wycheproof knows them", () => {
  it("is good as it is, and with the other of the two signatures that each one has", async () => {
    const parts = await partsOf();
    expect(await statusOf(`${parts.header}.${parts.payload}.${parts.signed}`)).toBe(200);
    const other = await partsOf();
    expect(await statusOf(signedAs(({ r, s }) => signature(r, ORDER - s))(other))).toBe(200);
  });

  it.each<[string, (parts: Parts) => string | Promise<string>]>([
    ["a modified signature", signedAs(({ r, s }) => signature(r ^ 1n, s))],
    ["no signature", signedAs(() => "")],
    ["no signature and no separator", ({ header, payload }) => `${header}.${payload}`],
    ["a modified payload", (p) => `${p.header}.${encoded({ ...claimsOf(p), role: "admin" })}.${p.signed}`],
    ["no payload", ({ header, signed }) => `${header}..${signed}`],
    ["no payload and no separator", ({ header, signed }) => `${header}.${signed}`],
    [
      "a modified header",
      (p) => `${encoded({ alg: "ES256", typ: "JWT", kid: key.kid, x: 1 })}.${p.payload}.${p.signed}`,
    ],
    ["no header", ({ payload, signed }) => `.${payload}.${signed}`],
    ["no header and no separator", ({ payload, signed }) => `${payload}.${signed}`],
    ["but a payload", ({ payload }) => `.${payload}.`],
    ["no separators", ({ payload }) => payload],
    ["nothing in it", () => ""],
    ["separators alone", () => ".."],
    ["an empty part too many", ({ header, payload, signed }) => `${header}.${payload}.${signed}.`],
    ["a part too many", ({ header, payload, signed }) => `${header}.${payload}.${signed}.foo`],
    ["alg none", ({ payload }) => `${encoded({ alg: "none", kid: key.kid })}.${payload}.`],
    [
      "the JSON serialization",
      ({ header, payload, signed }) => JSON.stringify({ payload, protected: header, signature: signed }),
    ],
    [
      "the public key as a secret",
      async (parts) => {
        const secret = new TextEncoder().encode(await exportSPKI(key.publicKey));
        return new SignJWT(claimsOf(parts))
          .setProtectedHeader({ alg: "HS256", kid: key.kid, typ: "JWT" })
          .sign(secret);
      },
    ],
    [
      "a key of its own in the header",
      async (parts) => {
        const stranger = await signingKey(key.kid);
        const jwk = await exportJWK(stranger.publicKey);
        return new SignJWT(claimsOf(parts))
          .setProtectedHeader({ alg: "ES256", kid: key.kid, jwk })
          .sign(stranger.privateKey);
      },
    ],
    ["numbers of 33 bytes", signedAs(({ r, s }) => signature(r, s, 33))],
    ["a zero behind it", signedAs(({ r, s }) => `${signature(r, s)}A`)],
    [
      "bytes behind it",
      signedAs(({ r, s }) => Buffer.from(`${signature(r, s)}AAA`, "base64url").toString("base64url")),
    ],
    ["r too big", signedAs(({ r, s }) => signature(r + ORDER, s, 33))],
    ["s too big", signedAs(({ r, s }) => signature(r, s + ORDER, 33))],
    ["r with a bit more than fits", signedAs(({ r, s }) => signature(r + (1n << 256n), s, 33))],
    ["s with a bit more than fits", signedAs(({ r, s }) => signature(r, s + (1n << 256n), 33))],
    ["very long numbers", signedAs(({ r, s }) => signature(r, s, 256))],
    ...[0n, 1n, ORDER - 1n, ORDER].flatMap((r) =>
      [0n, 1n, ORDER - 1n, ORDER].map((s): [string, (parts: Parts) => string] => [
        `r ${r.toString(16)} and s ${s.toString(16)}`,
        signedAs(() => signature(r, s)),
      ]),
    ),
    ["spaces in the signature", signedAs(({ signed }) => ` ${signed}`)],
    ["spaces in the header", ({ header, payload, signed }) => `${header} .${payload}.${signed}`],
    ["spaces in the payload", ({ header, payload, signed }) => `${header}. ${payload}.${signed}`],
    ["a strange letter before the signature", signedAs(({ signed }) => `?${signed}`)],
    ["a strange letter behind the signature", signedAs(({ signed }) => `${signed}?`)],
    ["a strange letter in the header", ({ header, payload, signed }) => `${header}?.${payload}.${signed}`],
    ["strange letters in the payload", ({ header, payload, signed }) => `${header}.####${payload}.${signed}`],
    ["padding", signedAs(({ signed }) => `${signed}==`)],
    ["the other base64", signedAs(({ signed }) => `${signed.slice(0, -1)}/`)],
  ])("is refused with %s", async (_, forge) => {
    expect(await statusOf(await forge(await partsOf()))).toBe(401);
  });

  it("has one spelling for each signature: bits that mean nothing are none", async () => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const parts = await partsOf();
    const last = letters.indexOf(parts.signed.at(-1) ?? "");
    for (let bits = 1; bits < 16; bits++) {
      const respelt = parts.signed.slice(0, -1) + letters[last + bits];
      expect(Buffer.from(respelt, "base64url")).toEqual(Buffer.from(parts.signed, "base64url"));
      expect(await statusOf(signedAs(() => respelt)(parts))).toBe(401);
    }
  });

  it("is refused when any letter of it is another", async () => {
    const parts = await partsOf();
    const token = `${parts.header}.${parts.payload}.${parts.signed}`;
    const letter = fc.constantFrom(...Buffer.from("ABCXYZabcxyz0189-_.").toString());
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), letter, async (at, other) => {
        fc.pre(token[at] !== other);
        expect(await statusOf(token.slice(0, at) + other + token.slice(at + 1))).toBe(401);
      }),
      { numRuns: 60 },
    );
  });
});
