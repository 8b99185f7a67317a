import { v7 } from "uuid";

// Drawn at the first id: workerd refuses random values while modules load.
let sequence: number | undefined;

/**
 * A UUIDv7 (RFC 9562), ordered by time; ids of one isolate keep their order also within a millisecond.
 * @param at the time it carries
 */
export function uuidv7(at: Date): string {
  sequence ??= crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  sequence = (sequence + 1) >>> 0;
  return v7({ msecs: at.getTime(), seq: sequence });
}

/** Less than every UUIDv7 that carries this time or a later one, and more than those of earlier milliseconds. */
export function earliestId(at: Date): string {
  const hex = at.getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
