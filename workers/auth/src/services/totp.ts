import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const PERIOD_SECONDS = 30;
const SECRET_BYTES = 20;
/** Steps before and after the present one whose codes are good: clocks differ, and typing takes time (RFC 6238, 5.2). */
const TOLERANCE = 1;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 base32 without padding, as authenticator apps take it. */
export function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? [])
    .map((group) => BASE32[Number.parseInt(group.padEnd(5, "0"), 2)])
    .join("");
}

/** A new secret of an authenticator: 160 random bits, as RFC 4226 recommends. */
export const newTotpSecret = (): Uint8Array => new Uint8Array(randomBytes(SECRET_BYTES));

/** What an authenticator app reads from a QR code. The parameters are the defaults, which are all that some apps know. */
export function totpUri(secret: Uint8Array, email: string): string {
  const query = new URLSearchParams({
    secret: base32(secret),
    issuer: "Souk",
    algorithm: "SHA1",
    digits: "6",
    period: String(PERIOD_SECONDS),
  });
  return `otpauth://totp/Souk:${encodeURIComponent(email)}?${query.toString()}`;
}

/** The step of RFC 6238 that a moment lies in. */
export const totpStep = (at: Date): number => Math.floor(at.getTime() / 1000 / PERIOD_SECONDS);

/** The code of a step: HOTP (RFC 4226, 5.3) of its number, by HMAC-SHA-1. */
export function totpCode(secret: Uint8Array, step: number, digits = 6): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const number = mac.readUInt32BE(mac.readUInt8(mac.length - 1) & 15) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/**
 * The step whose code this is, the present one or one beside it; null when it is none of theirs.
 * @param lastStep the newest step whose code was accepted before: its code and older ones are spent
 */
export function matchTotp(secret: Uint8Array, code: string, at: Date, lastStep: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const now = totpStep(at);
  let matched: number | null = null;
  for (let step = now - TOLERANCE; step <= now + TOLERANCE; step++) {
    const same = timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code));
    if (same && step > lastStep) matched = step;
  }
  return matched;
}
