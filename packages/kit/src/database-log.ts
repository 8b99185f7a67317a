import type { Observe } from "@souk/db/client";
import type { Logger, LogLevel } from "./log.ts";

/** What an invocation has waited for its database so far. */
export interface DatabaseUse {
  roundTrips: number;
  ms: number;
}

/** As much of a statement as tells it from the others. */
const SHOWN = 500;

/** A statement in one line. */
const shorten = (statement: string): string => statement.replace(/\s+/g, " ").slice(0, SHOWN);

/**
 * Adds up the round trips of an invocation and tells of them in the log: each at level `debug`, slow ones as a warning (S2-OBS-04).
 * Statements are shown without their parameters, which may be anybody's secrets.
 * @param options.slowMs from how many milliseconds on a round trip is slow
 * @param options.also told of each round trip too
 */
export function watchDatabase(
  use: DatabaseUse,
  log: Logger,
  options: { level: LogLevel; slowMs: number; also?: Observe | undefined },
): Observe {
  return (ms, details) => {
    use.roundTrips++;
    use.ms += ms;
    options.also?.(ms, details);
    const slow = ms >= options.slowMs;
    if (!slow && options.level !== "debug") return;
    const { statements, rows } = details();
    const fields = { ms, rows, statements: statements.map(shorten) };
    if (slow) log.warn("slow query", fields);
    else log.debug("query", fields);
  };
}
