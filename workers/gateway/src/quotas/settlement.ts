import type { Tally } from "./sliding-window.ts";

/** What a limiter tells the person's object. */
export interface Report {
  /** Which limiter; a new one has a new id, since its counts begin at nothing. */
  limiter: string;
  /** The time, in milliseconds since 1970. */
  now: number;
  limit: number;
  /** All that this limiter itself let through in the window. */
  spent: Tally;
  /** What it asks the object to decide; 0 when it only reports. */
  ask: number;
}

/** What the object answers. */
export interface Settlement {
  granted: boolean;
  /** All that anyone else let through, the object's own grants among them. */
  others: Tally;
  /** How much the limiter may let through before the object hears of it. */
  lease: number;
}

/** Above this part of a limit the object decides each request. */
export const SYNCHRONOUS_ABOVE = 0.8;

/** What all leases of a person may come to, as a part of the limit: by so much a limit can be passed. */
export const LEASED = 0.05;

/**
 * How long the object counts on a lease being spent. What is spent is reported a minute later at the latest or with the next request, and
 * counts for a minute: a lease that outlives both leaves no moment in which the object knows nothing of it.
 */
export const LEASE_MS = 120_000;
export const REPORT_EVERY_MS = 60_000;
