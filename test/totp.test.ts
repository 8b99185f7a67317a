import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import { Secret, TOTP, URI } from "otpauth";
import { describe, expect, it } from "vitest";
import {
  base32,
  matchTotp,
  newTotpSecret,
  totpCode,
  totpStep,
  totpUri,
} from "../workers/auth/src/services/totp.ts";

const missing = spawnSync("oathtool", ["--version"]).error !== undefined;

describe.skipIf(missing)("oathtool", () => {
  it.each([
    "1970-01-01 00:00:59 UTC",
    "2005-03-18 01:58:31 UTC",
    "2026-11-21 12:00:00 UTC",
    "2603-10-11 11:33:20 UTC",
  ])("gives the same code at %s", (at) => {
    const secret = newTotpSecret();
    const code = execFileSync("oathtool", ["--totp", "--base32", "--now", at, base32(secret)], {
      encoding: "utf8",
    });
    expect(totpCode(secret, totpStep(new Date(at)))).toBe(code.trim());
  });
});

describe("otpauth, another implementation", () => {
  const secrets = fc.uint8Array({ minLength: 16, maxLength: 64 }).map((bytes) => Uint8Array.from(bytes));
  const moments = fc.date({ min: new Date("2000-01-01"), max: new Date("2603-10-11"), noInvalidDate: true });

  it("gives the same code of any secret at any time", () => {
    fc.assert(
      fc.property(secrets, moments, (secret, at) => {
        const theirs = new TOTP({ secret: new Secret({ buffer: secret.buffer }) });
        expect(totpCode(secret, totpStep(at))).toBe(theirs.generate({ timestamp: at.getTime() }));
      }),
    );
  });

  it("reads the app's URI, and makes codes from it that are accepted", () => {
    fc.assert(
      fc.property(moments, fc.emailAddress(), (at, email) => {
        const secret = newTotpSecret();
        const read = URI.parse(totpUri(secret, email));
        if (!(read instanceof TOTP)) throw new Error("not a TOTP");
        expect(read).toMatchObject({ issuer: "Souk", label: email, digits: 6, period: 30 });
        expect(matchTotp(secret, read.generate({ timestamp: at.getTime() }), at, -1)).not.toBeNull();
      }),
    );
  });
});
