import type { Settings } from "./settings.ts";

/** A number from 0 to 99 that is always the same for a person and a flag: FNV-1a, its bits mixed by the end of MurmurHash3. */
function placeOf(flag: string, userId: string): number {
  let hash = 0x811c9dc5;
  for (const letter of `${flag}:${userId}`) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return Math.floor((((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100);
}

/**
 * Which flags are on for a person. Who has a flag keeps it while its percentage rises, and each flag draws others.
 * @param userId null for a stranger, who has those that are on for all
 */
export const flagsOf = (flags: Settings["flags"], userId: string | null): Record<string, boolean> =>
  Object.fromEntries(
    Object.entries(flags).map(([flag, percent]) => [
      flag,
      percent === 100 || (userId !== null && placeOf(flag, userId) < percent),
    ]),
  );
