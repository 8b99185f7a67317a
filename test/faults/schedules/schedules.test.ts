import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshDatabase } from "../../fresh-database.ts";
import { seedOf } from "../../seed.ts";
import { play } from "./play.ts";
import { holdInvariants } from "./property.ts";
import { schedule } from "./schedule.ts";
import { World } from "./world.ts";

const SCHEDULES = 200;
/** Drawn before the world takes chance away. */
const start = seedOf(process.env["SOAK_SEED"]);
let world: World;

beforeAll(async () => {
  world = await World.start(await freshDatabase(), join(inject("scratch"), crypto.randomUUID()));
});
afterAll(() => world.close());

it(`keeps its invariants through ${SCHEDULES} random schedules of faults`, async () => {
  await holdInvariants(world, start, SCHEDULES);
}, 600_000);

it("draws the ids of a schedule from its seed, so that a replay has them again", async () => {
  const idsOf = async (seed: number) => {
    const [drawn] = fc.sample(schedule, { seed: 1, numRuns: 1 });
    if (drawn === undefined) throw new Error("a schedule was expected");
    await world.reset(seed);
    const { alerts } = await play(world, { ...drawn, seed, ops: [] });
    return alerts.map(({ id }) => id);
  };
  const first = await idsOf(7);
  expect(first.length).toBeGreaterThan(0);
  expect(await idsOf(7)).toEqual(first);
  expect(await idsOf(8)).not.toEqual(first);
});
