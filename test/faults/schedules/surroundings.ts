import { ruleChance } from "./chance.ts";
import { stopClock } from "./clock.ts";
import { step, whileAlive } from "./invocation.ts";

const CONSOLE = ["debug", "info", "warn", "error"] as const;

interface Surroundings {
  /** What was logged. */
  lines: string[];
  /** Begins a schedule: what it draws comes from this seed, and its time begins at this one. */
  begin: (seed: number, at: number) => void;
  turnClock: (ms: number) => void;
  /** The way back. */
  leave: () => void;
}

/**
 * Puts what Workers find around them in this process: every request outside becomes a step of its invocation, those to the price sources
 * are answered here, timers of the dead do nothing, what is logged is kept, time stands still until it is turned, and chance comes from a seed.
 */
export function surround(
  pricesUrl: string,
  prices: (request: Request) => Response | Promise<Response>,
): Surroundings {
  const { fetch, setTimeout } = globalThis;
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
    setTimeout: (work: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
      setTimeout(whileAlive(work), ms, ...args),
  });
  Object.assign(
    console,
    Object.fromEntries(CONSOLE.map((name) => [name, (line: unknown) => lines.push(String(line))])),
  );
  const clock = stopClock();
  const chance = ruleChance();
  return {
    lines,
    begin: (seed, at) => {
      chance.begin(seed);
      clock.set(at);
    },
    turnClock: clock.turn,
    leave: () => {
      chance.leave();
      clock.leave();
      Object.assign(globalThis, { fetch, setTimeout });
      Object.assign(console, writers);
    },
  };
}
