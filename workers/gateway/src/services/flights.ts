/** How soon one looks whether another's call has ended, in milliseconds: the wait doubles from the first to the last. */
const FIRST_LOOK_MS = 2;
const LAST_LOOK_MS = 64;

interface Flight<T> {
  startedAt: number;
  /** Once it has ended; undefined when there is nothing to share. */
  landed?: { result: T | undefined };
}

/**
 * One call for many who want its result, in this isolate. Each looks by a timer of its own: workerd gives a request no promise of
 * another request, and one that was cancelled would leave the others waiting for good.
 */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>();
  readonly #waitMs: number;
  readonly #longestMs: number;

  /**
   * @param waitMs how long one waits for another's call, and how old a call may be that one still joins
   * @param longestMs after which a call has ended, even if nobody heard of it
   */
  constructor(waitMs: number, longestMs: number) {
    this.#waitMs = waitMs;
    this.#longestMs = longestMs;
  }

  /** Whether someone is under way. */
  isBusy(key: string, now: number): boolean {
    const flight = this.#flights.get(key);
    return flight !== undefined && now - flight.startedAt < this.#longestMs;
  }

  /** Begins a call. @returns what to call at its end, with its result if that may be shared */
  start(key: string, now: number): (result: T | undefined) => void {
    const flight: Flight<T> = { startedAt: now };
    this.#flights.set(key, flight);
    return (result) => {
      flight.landed = { result };
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
  }

  /**
   * Waits for a call that began after `newerThan`.
   * @returns null when there is none; undefined when it has nothing to share or takes too long
   */
  async join(key: string, now: number, newerThan: number): Promise<T | undefined | null> {
    const flight = this.#flights.get(key);
    if (flight === undefined || now - flight.startedAt >= this.#waitMs || flight.startedAt <= newerThan)
      return null;
    let waited = 0;
    for (let ms = FIRST_LOOK_MS; flight.landed === undefined && waited < this.#waitMs; waited += ms) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      ms = Math.min(2 * ms, LAST_LOOK_MS);
    }
    return flight.landed?.result;
  }
}
