import { createHash, randomBytes } from "node:crypto";

const SECRET_BYTES = 24;
const FORM = /^(souk_([\da-f]{32})_[\da-f]{48})([\da-f]{8})$/;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** It proves nothing: by it a mistyped or guessed key is known without asking anyone. */
const checksum = (text: string): string => sha256(text).slice(0, 8);

/**
 * A new API key: `souk_`, its id, 192 random bits and a checksum, all hexadecimal.
 * @param id a UUID
 * @returns the key, to be shown once, and the SHA-256 that is stored of it; so long a secret needs no salt or stretching
 */
export function newApiKey(id: string): { key: string; hash: string } {
  const text = `souk_${id.replaceAll("-", "")}_${randomBytes(SECRET_BYTES).toString("hex")}`;
  const key = text + checksum(text);
  return { key, hash: sha256(key) };
}

/** The id and the hash of a text that could be an API key; null for every other. */
export function readApiKey(text: string): { id: string; hash: string } | null {
  const [, signed, hex, sum] = FORM.exec(text) ?? [];
  if (signed === undefined || hex === undefined || sum !== checksum(signed)) return null;
  return { id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"), hash: sha256(text) };
}
