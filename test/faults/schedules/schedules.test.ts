import { join } from "node:path";
import { afterAll, beforeAll, inject, it } from "vitest";
import { freshDatabase } from "../../fresh-database.ts";
import { seedOf } from "../../seed.ts";
import { holdInvariants } from "./property.ts";
import { World } from "./world.ts";

const SCHEDULES = 200;
let world: World;

beforeAll(async () => {
  world = await World.start(await freshDatabase(), join(inject("scratch"), crypto.randomUUID()));
});
afterAll(() => world.close());

it(`keeps its invariants through ${SCHEDULES} random schedules of faults`, async () => {
  await holdInvariants(world, seedOf(process.env["SOAK_SEED"]), SCHEDULES);
}, 600_000);
