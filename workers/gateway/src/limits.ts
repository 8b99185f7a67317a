/** Periods of the control snapshot, in milliseconds. An ended session is refused everywhere once `maxAgeMs` have passed. */
export const CONTROL_LIMITS = {
  /** How long the object answers from its copy. */
  copyMs: 1_000,
  /** An isolate's snapshot of this age is read anew in the background. */
  refreshMs: 5_000,
  /** One older than this is waited for. */
  maxAgeMs: 10_000,
  /** Without a younger one, reads are still allowed up to this age; writes are not. */
  readsMs: 60_000,
  /** Between two tries of an isolate that failed, or that read in the background. */
  cooldownMs: 1_000,
  /** An isolate gives up waiting. */
  timeoutMs: 3_000,
} as const;

/** Of API keys: periods in milliseconds, and how many an isolate remembers. */
export const API_KEY_LIMITS = {
  /** One of this age is asked for anew by the first who comes. */
  refreshMs: 5_000,
  /** One older than this is waited for: what ended it has then been heard of everywhere. */
  maxAgeMs: 10_000,
  /** A secret that is not the known one may be that of a roll just now: then the key is asked for anew, at most so often. */
  doubtMs: 1_000,
  kept: 1_000,
} as const;
