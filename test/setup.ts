import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "@souk/db/operate/migrate";
import { setRolePasswords } from "@souk/db/operate/passwords";
import { SERVICES } from "@souk/db/roles";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { copyAssets } from "../workers/gateway/build/docs-assets.ts";
import { startNeon } from "../local/neon.ts";
import { carelessFlags, startPostgres } from "../local/postgres.ts";
import { testEnvironments } from "./environments.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The Neon endpoint in front of the tests' Postgres. */
    neon: string;
    /** The owner's connection string, without a database. */
    ownerUrl: string;
    /** A folder that is removed at the end of the run. */
    scratch: string;
    environments: Record<string, Record<string, string>>;
    /** With what `npm run soak` has a Worker's tests draw schedules: from which seed, and for how long. */
    soak: { seed: string | null; minutes: number };
  }
}

/** One Postgres for the run, with a migrated template database that each test file copies. */
export default async function setup(project: TestProject) {
  copyAssets();
  const dir = join(import.meta.dirname, "..", ".local", `test-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  const postgres = await startPostgres({
    dir: join(dir, "postgres"),
    flags: carelessFlags,
  });
  const owner = new pg.Client({ connectionString: postgres.url("postgres") });
  await owner.connect();
  await owner.query("CREATE DATABASE template_souk");
  await owner.end();
  await migrate(postgres.url("template_souk"));
  await setRolePasswords(
    postgres.url("template_souk"),
    Object.fromEntries(SERVICES.map((service) => [service, service])),
  );
  const neon = await startNeon({ pgPort: postgres.port });
  project.provide("neon", neon.url);
  project.provide("scratch", dir);
  project.provide("ownerUrl", postgres.url(""));
  project.provide("environments", await testEnvironments(neon.url, postgres.port));
  const { SOAK_SEED, SOAK_MINUTES } = process.env;
  project.provide("soak", { seed: SOAK_SEED ?? null, minutes: Number(SOAK_MINUTES ?? 0) });
  return async () => {
    await neon.close();
    await postgres.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}
