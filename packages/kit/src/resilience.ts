import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  fullJitterGenerator,
  handleAll,
  handleWhen,
  isBrokenCircuitError,
  retry,
  SamplingBreaker,
  TaskCancelledError,
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
} satisfies Record<string, Preset>;

/** Timeout on each try, breaker around the tries, retries with exponential backoff from 1 s and full jitter. */
function tries(preset: Preset) {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: preset.resetMs, breaker: preset.breaker() });
  const retries = retry(
    handleWhen((error) => !isBrokenCircuitError(error)),
    {
      maxAttempts: preset.retries,
      backoff: new ExponentialBackoff({
        generator: fullJitterGenerator,
        initialDelay: 1_000,
        maxDelay: 8_000,
      }),
    },
  );
  return { breaker, policy: wrap(retries, breaker, timeout(preset.timeoutMs, TimeoutStrategy.Aggressive)) };
}

/**
 * A policy for calls to one provider: `tries` within a bound on the whole. Keep one per provider and isolate: the breaker's state lives
 * in it. `policy.execute(({ signal }) => fetch(url, { signal }))` throws what the last try threw, BrokenCircuitError while open, or
 * TaskCancelledError when the whole time is over.
 */
export function providerPolicy(
  name: keyof typeof PRESETS,
): Pick<IPolicy<{ signal: AbortSignal }>, "execute"> {
  const preset = PRESETS[name];
  let current = tries(preset);
  // Each try in full, and as long again for the waits between them, or for the one call that a half-open breaker lets through.
  const whole = timeout((preset.retries + 2) * preset.timeoutMs, TimeoutStrategy.Aggressive);
  // That call may have died with its invocation, and the breaker would wait for its end for good.
  whole.onTimeout(() => {
    if (current.breaker.state === CircuitState.HalfOpen) current = tries(preset);
  });
  return {
    execute: (call, signal) =>
      whole.execute((context) => current.policy.execute(call, context.signal), signal),
  };
}

const CALL_MS = 5_000;

/** For one call to another Worker or a Durable Object, which by themselves may never answer: rejects with TaskCancelledError after 5 s. */
export const callTimeout = {
  /** Without the signals of cockatiel's own timeout, which nobody here listens to. */
  async execute<T>(call: () => Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new TaskCancelledError("No answer in time")), CALL_MS);
    try {
      return await Promise.race([call(), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  },
};
