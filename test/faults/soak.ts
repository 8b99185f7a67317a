import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { migrate } from "@souk/db/operate/migrate";
import { setRolePasswords } from "@souk/db/operate/passwords";
import { SERVICES } from "@souk/db/roles";
import { carelessFlags, startPostgres } from "../../local/postgres.ts";
import { seedOf } from "../seed.ts";
import { holdInvariants } from "./schedules/property.ts";
import { World } from "./schedules/world.ts";

// `npm run soak -- --minutes N`: random schedules for so long, a quarter each of faults of the platform, of conversations, of who sees what and of hubs, or all
// of it of one of them with `--of`. `SOAK_SEED=...` replays what a failure printed.
const PARTS = ["faults", "conversations", "sight", "hubs"] as const;
type Part = (typeof PARTS)[number];
const { values } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, of: { type: "string" } },
});
const dir = join(import.meta.dirname, `../../.local/soak-${process.pid}`);
const DATABASE = "soak";
/** Schedules of one seed. */
const AT_A_TIME = 20;

/** The tests of objects, which run in the Workers' own runtime. */
const TESTS: Record<Exclude<Part, "faults">, { project: string; file: string }> = {
  conversations: { project: "chat", file: "workers/chat/src/objects/conversation.test.ts" },
  sight: { project: "chat", file: "workers/chat/src/objects/sight.test.ts" },
  hubs: { project: "notifications", file: "workers/notifications/src/objects/user-hub.test.ts" },
};

async function soakFaults(minutes: number): Promise<void> {
  const postgres = await startPostgres({ dir: join(dir, "postgres"), flags: carelessFlags });
  try {
    await postgres.createDatabase(DATABASE);
    const databaseUrl = postgres.url(DATABASE);
    await migrate(databaseUrl);
    await setRolePasswords(databaseUrl, Object.fromEntries(SERVICES.map((service) => [service, service])));
    // The world stops the clock and takes chance away.
    const start = seedOf(process.env["SOAK_SEED"]);
    const end = performance.now() + minutes * 60_000;
    const world = await World.start(databaseUrl, dir);
    let played = 0;
    try {
      for (; played === 0 || performance.now() < end; played += AT_A_TIME)
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

async function soakObjects(part: keyof typeof TESTS, minutes: number): Promise<void> {
  const { project, file } = TESTS[part];
  const program = join(import.meta.dirname, "../../node_modules/.bin/vitest");
  const child = spawn(program, ["run", "--project", project, file, "--testNamePattern", "schedules"], {
    env: { ...process.env, SOAK_MINUTES: String(minutes) },
    stdio: "inherit",
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`The schedules of ${part} failed`);
}

async function soak(): Promise<void> {
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error("--minutes takes a number above 0");
  const parts = PARTS.filter((part) => values.of === undefined || values.of === part);
  if (parts.length === 0) throw new Error(`--of takes one of ${PARTS.join(", ")}`);
  if (parts.length > 1 && process.env["SOAK_SEED"] !== undefined)
    throw new Error("SOAK_SEED draws other schedules of each part: say which with --of");
  for (const part of parts) {
    const share = minutes / parts.length;
    await (part === "faults" ? soakFaults(share) : soakObjects(part, share));
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
