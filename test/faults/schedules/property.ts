import fc from "fast-check";
import { assertInvariants } from "./invariants.ts";
import { play } from "./play.ts";
import { schedule } from "./schedule.ts";
import type { World } from "./world.ts";

/** Where to begin: `SOAK_SEED` as a failure prints it, seed or seed:path; by default by chance. */
export function seedOf(text: string | undefined): { seed: number; path?: string } {
  if (text === undefined) return { seed: Math.trunc(Math.random() * 2 ** 31) };
  const at = text.indexOf(":");
  return at === -1 ? { seed: Number(text) } : { seed: Number(text.slice(0, at)), path: text.slice(at + 1) };
}

/**
 * Draws schedules of faults and holds the platform to its invariants after each.
 * @param runs how many
 * @throws Error with the smallest failing schedule found, and the seed that replays it
 */
export async function holdInvariants(
  world: World,
  start: { seed: number; path?: string },
  runs: number,
): Promise<void> {
  const property = fc.asyncProperty(schedule, async (drawn) => {
    await world.reset();
    await assertInvariants(world, await play(world, drawn));
  });
  const details = await fc.check(property, { ...start, numRuns: runs });
  if (!details.failed) return;
  const replay = `SOAK_SEED=${details.seed}:${details.counterexamplePath ?? ""}`;
  throw new Error(`An invariant broke. Replay with ${replay}\n${fc.defaultReportMessage(details) ?? ""}`, {
    cause: details.errorInstance,
  });
}
