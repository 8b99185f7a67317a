import { step } from "./invocation.ts";

const CONSOLE = ["debug", "info", "warn", "error"] as const;

/**
 * Puts what Workers find around them in this process: every request outside becomes a step of its invocation, those to the price sources
 * are answered here, what is logged is kept, and `Date.now` can be turned: a circuit breaker counts its rest by it.
 * @returns the log lines, the turn of the clock in milliseconds, and a way back
 */
export function surround(
  pricesUrl: string,
  prices: (request: Request) => Response | Promise<Response>,
): { lines: string[]; turnClock: (ms: number) => void; leave: () => void } {
  const { fetch } = globalThis;
  const { now } = Date;
  let ahead = 0;
  const writers = Object.fromEntries(CONSOLE.map((name) => [name, console[name]]));
  const lines: string[] = [];
  const outside = async (url: string, init: RequestInit): Promise<Response> => {
    if (url.startsWith(pricesUrl)) return prices(new Request(url, { headers: init.headers ?? {} }));
    const answer = await fetch(url, init);
    // Read to its end, so that nothing of it is under way when the step is over.
    return new Response(await answer.text(), { status: answer.status });
  };
  Object.assign(globalThis, {
    fetch: (url: string, init: RequestInit = {}) => step(() => outside(url, init)),
  });
  Date.now = () => now() + ahead;
  Object.assign(
    console,
    Object.fromEntries(CONSOLE.map((name) => [name, (line: unknown) => lines.push(String(line))])),
  );
  return {
    lines,
    turnClock: (ms) => void (ahead += ms),
    leave: () => {
      Date.now = now;
      Object.assign(globalThis, { fetch });
      Object.assign(console, writers);
    },
  };
}
