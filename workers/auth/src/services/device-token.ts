import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";

/** Whom a device token was given to: a person, by the password that they had then. */
export interface KnownDevice {
  userId: string;
  passwordVersion: number;
}

const CLAIM = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,9})\.(\d{1,12})\.[\w-]{22}$/;

const signature = (claim: string, key: Uint8Array): string =>
  createHmac("sha256", key).update(`souk.device.${claim}`).digest("base64url");

/** A token that a device shows at later log-ins: `userId.passwordVersion.second.nonce.signature`, by the first key. Nothing of it is stored. */
export function newDeviceToken(context: Context<Env>, { userId, passwordVersion }: KnownDevice): string {
  const second = Math.floor(context.now().getTime() / 1000);
  const claim = `${userId}.${passwordVersion}.${second}.${randomBytes(16).toString("base64url")}`;
  return `${claim}.${signature(claim, context.env.REFRESH_KEYS[0])}`;
}

/** Whom a token was given to; null for one that no key signed or that is too old. */
export function readDeviceToken(context: Context<Env>, token: string): KnownDevice | null {
  const end = token.lastIndexOf(".");
  const claim = token.slice(0, end);
  const [, userId, passwordVersion, second] = CLAIM.exec(claim) ?? [];
  if (userId === undefined) return null;
  const given = new TextEncoder().encode(token.slice(end + 1));
  const signed = context.env.REFRESH_KEYS.some((key) => {
    const expected = new TextEncoder().encode(signature(claim, key));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  const old = later(new Date(Number(second) * 1000), LIMITS.knownDevice) <= context.now();
  return signed && !old ? { userId, passwordVersion: Number(passwordVersion) } : null;
}

/** What the attempts of a known device are counted by, apart from those of strangers. */
export const deviceBucket = (token: string): string =>
  createHash("sha256").update(`device:${token}`).digest("hex");

/** The bucket of a device that shows a token of this person and their present password; null for any other. */
export function knownBucket(
  context: Context<Env>,
  token: string | undefined,
  person: KnownDevice,
): string | null {
  const shown = readDeviceToken(context, token ?? "");
  const known = shown?.userId === person.userId && shown.passwordVersion === person.passwordVersion;
  return known && token !== undefined ? deviceBucket(token) : null;
}
