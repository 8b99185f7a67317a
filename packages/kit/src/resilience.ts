import {
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  fullJitterGenerator,
  handleAll,
  handleWhen,
  isBrokenCircuitError,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
  type IPolicy,
} from "cockatiel";

/**
 * A wait before the next try: uniform between 0 and `first * 2^tries`, at most `max`, in whole units of `first`.
 * "Full jitter" of AWS's "Exponential Backoff and Jitter".
 */
export const fullJitter = (tries: number, first: number, max: number): number =>
  Math.round(Math.random() * Math.min(max, first * 2 ** tries));

interface Preset {
  timeoutMs: number;
  /** Tries after the first. */
  retries: number;
  breaker: () => ConsecutiveBreaker | SamplingBreaker;
  /** How long an open breaker refuses before it lets one call try. */
  resetMs: number;
}

/** Below one call in two seconds a failure rate says nothing (expectations E-GW-07: a breaker needs a minimum volume). */
const half = () => new SamplingBreaker({ threshold: 0.5, duration: 30_000, minimumRps: 0.5 });

/** The source designs' three breakers: S3-GW-11..13, S3-RES-02/03/05 and S4-COMM-04..06. */
export const PRESETS = {
  gateway: { timeoutMs: 30_000, retries: 3, breaker: half, resetMs: 30_000 },
  count: { timeoutMs: 10_000, retries: 2, breaker: () => new ConsecutiveBreaker(5), resetMs: 60_000 },
  social: { timeoutMs: 3_000, retries: 0, breaker: half, resetMs: 30_000 },
} as const satisfies Record<string, Preset>;

/**
 * A policy for calls to one provider: timeout on each try, retries with exponential backoff from 1 s and full jitter, circuit breaker
 * around them. Keep one per provider and isolate: the breaker's state lives in it.
 * `policy.execute(({ signal }) => fetch(url, { signal }))` throws what the last try threw, or BrokenCircuitError while open.
 */
export function providerPolicy(name: keyof typeof PRESETS): IPolicy<{ signal: AbortSignal }> {
  const preset = PRESETS[name];
  return wrap(
    retry(
      handleWhen((error) => !isBrokenCircuitError(error)),
      {
        maxAttempts: preset.retries,
        backoff: new ExponentialBackoff({
          generator: fullJitterGenerator,
          initialDelay: 1_000,
          maxDelay: 8_000,
        }),
      },
    ),
    circuitBreaker(handleAll, { halfOpenAfter: preset.resetMs, breaker: preset.breaker() }),
    timeout(preset.timeoutMs, TimeoutStrategy.Aggressive),
  );
}

/** For one call to another Worker or a Durable Object, which by themselves may never answer: rejects with TaskCancelledError after 5 s. */
export const callTimeout: IPolicy = timeout(5_000, TimeoutStrategy.Aggressive);
