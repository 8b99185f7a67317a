import { createHmac, timingSafeEqual } from "node:crypto";
import type { Env } from "../env.ts";

/** What a refresh token says: its session, and which token of it this is. */
export interface RefreshClaim {
  sessionId: string;
  counter: number;
}

type Keys = Env["REFRESH_KEYS"];

const CLAIM = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(0|[1-9]\d{0,8})$/;

const signature = (claim: string, key: Uint8Array): string =>
  createHmac("sha256", key).update(`souk.refresh.${claim}`).digest("base64url");

/** `sessionId.counter.signature`: HMAC-SHA256 by the first key, base64url. */
export function signRefreshToken({ sessionId, counter }: RefreshClaim, [key]: Keys): string {
  const claim = `${sessionId}.${counter}`;
  return `${claim}.${signature(claim, key)}`;
}

/** The claim of a token that one of the keys signed; null for anything else. */
export function readRefreshToken(token: string, keys: Keys): RefreshClaim | null {
  const end = token.lastIndexOf(".");
  const claim = token.slice(0, end);
  const [, sessionId, counter] = CLAIM.exec(claim) ?? [];
  if (sessionId === undefined || counter === undefined) return null;
  const given = new TextEncoder().encode(token.slice(end + 1));
  // The texts are compared: two texts of one signature would be two tokens.
  const signed = keys.some((key) => {
    const expected = new TextEncoder().encode(signature(claim, key));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return signed ? { sessionId, counter: Number(counter) } : null;
}
