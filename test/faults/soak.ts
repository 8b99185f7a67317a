import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { migrate } from "@souk/db/operate/migrate";
import { setRolePasswords } from "@souk/db/operate/passwords";
import { SERVICES } from "@souk/db/roles";
import { carelessFlags, startPostgres } from "../../local/postgres.ts";
import { holdInvariants, seedOf } from "./schedules/property.ts";
import { World } from "./schedules/world.ts";

// `npm run soak -- --minutes N`: random schedules of faults for so long. `SOAK_SEED=...` replays what a failure printed.
const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const minutes = Number(values.minutes);
const dir = join(import.meta.dirname, `../../.local/soak-${process.pid}`);
const DATABASE = "soak";
/** Schedules of one seed. */
const AT_A_TIME = 20;

async function soak(): Promise<void> {
  if (!(minutes > 0)) throw new Error("--minutes takes a number above 0");
  const postgres = await startPostgres({ dir: join(dir, "postgres"), flags: carelessFlags });
  try {
    await postgres.createDatabase(DATABASE);
    const databaseUrl = postgres.url(DATABASE);
    await migrate(databaseUrl);
    await setRolePasswords(databaseUrl, Object.fromEntries(SERVICES.map((service) => [service, service])));
    const world = await World.start(databaseUrl, dir);
    const end = Date.now() + minutes * 60_000;
    const start = seedOf(process.env["SOAK_SEED"]);
    let played = 0;
    try {
      for (; played === 0 || Date.now() < end; played += AT_A_TIME)
        await holdInvariants(world, played === 0 ? start : { seed: start.seed + played }, AT_A_TIME);
      process.stdout.write(`${played} schedules kept every invariant (first seed ${start.seed}).\n`);
    } finally {
      await world.close();
    }
  } finally {
    await postgres.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

soak().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(
      `${error instanceof Error ? `${error.message}\n${String(error.cause)}` : String(error)}\n`,
    );
    process.exit(1);
  },
);
