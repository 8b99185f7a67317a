import { describe, expect, it } from "vitest";
import { hashRecoveryCode, newRecoveryCode } from "./recovery-code.ts";
import { base32, matchTotp, newTotpSecret, totpCode, totpStep, totpUri } from "./totp.ts";

const secret = new TextEncoder().encode("12345678901234567890");

describe("TOTP", () => {
  // RFC 6238, appendix B, SHA-1.
  it.each([
    [59, "94287082"],
    [1111111109, "07081804"],
    [1111111111, "14050471"],
    [1234567890, "89005924"],
    [2000000000, "69279037"],
    [20000000000, "65353130"],
  ])("at %d s is %s", (seconds, code) => {
    expect(totpCode(secret, totpStep(new Date(seconds * 1000)), 8)).toBe(code);
    expect(totpCode(secret, totpStep(new Date(seconds * 1000)))).toBe(code.slice(2));
  });

  it("accepts the codes of one step before and after, and none further away", () => {
    const at = new Date("2026-11-21T12:00:10Z");
    const step = totpStep(at);
    for (const near of [-1, 0, 1])
      expect(matchTotp(secret, totpCode(secret, step + near), at, 0)).toBe(step + near);
    for (const far of [-3, -2, 2, 3])
      expect(matchTotp(secret, totpCode(secret, step + far), at, 0)).toBeNull();
  });

  it("accepts no code of a step that was accepted, or of an older one", () => {
    const at = new Date("2026-11-21T12:00:10Z");
    const step = totpStep(at);
    expect(matchTotp(secret, totpCode(secret, step), at, step)).toBeNull();
    expect(matchTotp(secret, totpCode(secret, step - 1), at, step)).toBeNull();
    expect(matchTotp(secret, totpCode(secret, step + 1), at, step)).toBe(step + 1);
  });

  it.each(["", "12345", "1234567", "12345a", "１２３４５６", " 12345", "-12345"])("refuses %j", (code) => {
    expect(matchTotp(secret, code, new Date(), 0)).toBeNull();
  });

  it("is told to the app by a URI with the defaults that every app knows", () => {
    const uri = new URL(totpUri(secret, "ada+x@example.com"));
    expect(uri.protocol).toBe("otpauth:");
    expect(uri.href).toMatch(/^otpauth:\/\/totp\/Souk:ada%2Bx%40example\.com\?/);
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
      issuer: "Souk",
      algorithm: "SHA1",
      digits: "6",
      period: "30",
    });
  });

  it("has secrets of 160 random bits", () => {
    expect(newTotpSecret()).toHaveLength(20);
    expect(newTotpSecret()).not.toEqual(newTotpSecret());
  });
});

// RFC 4648, 10, without padding.
it.each([
  ["", ""],
  ["f", "MY"],
  ["fo", "MZXQ"],
  ["foo", "MZXW6"],
  ["foob", "MZXW6YQ"],
  ["fooba", "MZXW6YTB"],
  ["foobar", "MZXW6YTBOI"],
])("base32 of %j is %j", (text, encoded) => {
  expect(base32(new TextEncoder().encode(text))).toBe(encoded);
});

it("a recovery code is known however it is written", () => {
  const code = newRecoveryCode();
  expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  expect(newRecoveryCode()).not.toBe(code);
  for (const written of [code.toUpperCase(), code.replaceAll("-", ""), ` ${code.replaceAll("-", " ")} `])
    expect(hashRecoveryCode(written)).toBe(hashRecoveryCode(code));
  expect(hashRecoveryCode(newRecoveryCode())).not.toBe(hashRecoveryCode(code));
});
