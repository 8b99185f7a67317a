import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { programOf, RUNTIMES } from "./runtime.ts";

const ROOT = join(import.meta.dirname, "../..");
const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");
const RUN = { bun: ["--bun", VITEST], deno: ["run", "--allow-all", "--no-remote", "--cached-only", VITEST] };

it.each(RUNTIMES)("the packages pass their own tests on %s", { timeout: 180_000 }, async (runtime) => {
  const args = [
    ...RUN[runtime],
    "run",
    "--config",
    join(import.meta.dirname, "packages.config.ts"),
    "--root",
    ROOT,
  ];
  // It rejects, with what was written, when a test fails.
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1" };
  const { stdout } = await promisify(execFile)(programOf(runtime), args, { cwd: ROOT, env });
  expect(stdout).toMatch(/Tests {2}\d{3} passed/);
});
