import type { CachePolicy } from "@souk/kit/route";

/** Bounds of the answers that the gateway keeps. How long each is good is declared with its route. */
export const CACHE_LIMITS = {
  /** Of an isolate's memory, and of one answer in it; a larger one is given and forgotten. */
  memoryBytes: 8 * 1024 * 1024,
  answerBytes: 256 * 1024,
  /** A longer key is not worth keeping: the request goes on. */
  keyLetters: 1_024,
  /** A request waits for another's answer, or with an old answer at hand for a new one. */
  waitMs: 2_000,
  /** A Worker that failed is not asked again while an old answer will do. */
  retryMs: 5_000,
  /** By how much the clocks of two machines may differ. */
  clockSkewMs: 1_000,
  /** While a purge is so young that clocks may differ about it, a Worker is asked again only after this. */
  settleMs: 250,
} as const;

/** How long an answer is kept at most, in seconds. */
export const longestSeconds = ({ maxAge, staleWhileRevalidate, staleIfError }: CachePolicy): number =>
  maxAge + Math.max(staleWhileRevalidate, staleIfError);
