import { z } from "zod";

/** What is left of what someone may do, and when that was so, in milliseconds. Small enough for a socket's attachment. */
export const Bucket = z.object({ tokens: z.number(), at: z.number() });
export type Bucket = z.infer<typeof Bucket>;

/** So many a second, and at most `burst` at once. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/**
 * Takes one token. What is refused costs too, so that who goes on regardless shows.
 * @param before undefined for someone new
 * @returns what is left; whether it was allowed, else after how many seconds it is; whether the debt has grown to a whole burst
 */
export function takeToken(
  before: Bucket | undefined,
  { perSecond, burst }: Rate,
  now: number,
): { bucket: Bucket; allowed: boolean; retryAfter: number; flooding: boolean } {
  const passed = Math.max(0, now - (before?.at ?? now)) / 1000;
  const left = Math.min(burst, (before?.tokens ?? burst) + passed * perSecond);
  const tokens = Math.max(-burst, left - 1);
  return {
    bucket: { tokens, at: now },
    allowed: left >= 1,
    retryAfter: left >= 1 ? 0 : (1 - left) / perSecond,
    flooding: tokens === -burst,
  };
}
