import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { base32, newTotpSecret, totpCode, totpStep } from "../workers/auth/src/services/totp.ts";

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
