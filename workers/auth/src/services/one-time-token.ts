import { createHash, randomBytes } from "node:crypto";

/** A new secret for a mailed link: 32 random bytes, base64url. */
export const newOneTimeToken = (): string => randomBytes(32).toString("base64url");

/** What is stored of it: SHA-256, base64url. The secret has 256 bits, so no salt or stretching is needed. */
export const hashOneTimeToken = (token: string): string =>
  createHash("sha256").update(token).digest("base64url");
