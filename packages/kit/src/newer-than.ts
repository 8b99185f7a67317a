/** By it the gateway says how new an answer has to be that it asks for to keep: newer than the last purge of it. */
export const NEWER_THAN_HEADER = "x-souk-newer-than";

/** Only what was read after this time will do, in milliseconds since 1970; what a Worker keeps in memory may be older. */
export function newerThan(headers: Headers): number {
  const text = headers.get(NEWER_THAN_HEADER) ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NEGATIVE_INFINITY;
}
