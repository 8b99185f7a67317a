/** How often a request is sent at most, and how long the waits between grow, in milliseconds. */
export const RETRY = { attempts: 4, baseMs: 250, capMs: 4_000 } as const;

/** 409 is worth a repeat only where it says when: another request with the same key is still under way. */
const mayRepeat = ({ status, headers }: Response): boolean =>
  status === 429 || status === 503 || (status === 409 && headers.has("retry-after"));

/** What the answer asks to wait, in milliseconds; the API gives seconds. */
function askedWait(headers: Headers): number {
  const seconds = Number(headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Sends, and sends again while the answer says "later": after what it asks, plus a part by chance of a growing wait (full jitter), so that many
 * clients do not come back together.
 * @param send one attempt
 * @param limits.withinMs waits that add up to more are not begun; the last answer is then the answer
 * @param limits.signal ends a wait
 */
export async function withRetries(
  send: () => Promise<Response>,
  { withinMs, signal }: { withinMs: number; signal: AbortSignal },
): Promise<Response> {
  let waited = 0;
  for (let attempt = 1; ; attempt++) {
    const response = await send();
    if (attempt === RETRY.attempts || !mayRepeat(response)) return response;
    const backoff = Math.min(RETRY.capMs, RETRY.baseMs * 2 ** attempt);
    const ms = askedWait(response.headers) + Math.random() * backoff;
    waited += ms;
    if (waited > withinMs) return response;
    await response.body?.cancel();
    await wait(ms, signal);
  }
}
