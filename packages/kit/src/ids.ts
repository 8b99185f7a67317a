import { v7 } from "uuid";

/** The last id's time, and its place among those of that millisecond. */
let last = { msecs: Number.NaN, seq: 0 };

/** The first place of a millisecond: by chance, with room above it. */
const firstPlace = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) >>> 1;

/**
 * A UUIDv7 (RFC 9562, 6.2, method 1), ordered by time; ids that one isolate makes one after the other keep their order also within a
 * millisecond.
 * @param at the time it carries
 */
export function uuidv7(at: Date): string {
  const msecs = at.getTime();
  last = { msecs, seq: msecs === last.msecs ? last.seq + 1 : firstPlace() };
  return v7(last);
}

/** Less than every UUIDv7 that carries this time or a later one, and more than those of earlier milliseconds. */
export function earliestId(at: Date): string {
  const hex = at.getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
