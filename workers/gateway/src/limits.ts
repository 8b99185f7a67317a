/** Periods of the control snapshot, in milliseconds. What has changed counts everywhere once `maxAgeMs` have passed. */
export const CONTROL_LIMITS = {
  /** How long the object answers from its copy of the ended sessions. */
  copyMs: 1_000,
  /** The object gives up waiting for `auth`: sooner than an isolate for the object. */
  authTimeoutMs: 2_000,
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
  /** Above so many ended sessions the snapshot carries only the ends of their ids. */
  sessionIds: 5_000,
  /** What the snapshot carries at most, in entries of each. */
  closedRoutes: 100,
  flags: 100,
  quotas: 500,
  /** Of more purged tags the oldest are forgotten, and all that was kept before their purge is purged. */
  purges: 500,
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
