import fc from "fast-check";
import type { Start } from "../../seed.ts";
import { assertInvariants } from "./invariants.ts";
import { play } from "./play.ts";
import { schedule } from "./schedule.ts";
import type { World } from "./world.ts";

/**
 * Draws schedules of faults and holds the platform to its invariants after each.
 * @param runs how many
 * @throws Error with the smallest failing schedule found, and the seed that replays it
 */
export async function holdInvariants(world: World, start: Start, runs: number): Promise<void> {
  const property = fc.asyncProperty(schedule, async (drawn) => {
    await world.reset(drawn.seed);
    await assertInvariants(world, await play(world, drawn));
  });
  const details = await fc.check(property, { ...start, numRuns: runs });
  if (!details.failed) return;
  const replay = `SOAK_SEED=${details.seed}:${details.counterexamplePath ?? ""} npm run soak -- --of faults`;
  throw new Error(`An invariant broke. Replay with ${replay}\n${fc.defaultReportMessage(details) ?? ""}`, {
    cause: details.errorInstance,
  });
}
