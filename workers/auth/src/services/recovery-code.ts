import { randomBytes } from "node:crypto";
import { hashOneTimeToken } from "./one-time-token.ts";
import { base32 } from "./totp.ts";

const BYTES = 10;

/** A new recovery code, 80 random bits: `abcd-efgh-ijkl-mnop`. */
export const newRecoveryCode = (): string =>
  (base32(randomBytes(BYTES)).toLowerCase().match(/.{4}/g) ?? []).join("-");

/** What is stored of it: SHA-256 of its letters, however they are grouped or written. */
export const hashRecoveryCode = (code: string): string =>
  hashOneTimeToken(code.replaceAll(/[\s-]/g, "").toLowerCase());
