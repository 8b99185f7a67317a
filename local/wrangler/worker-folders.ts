import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { envFileText } from "../env-file.ts";
import type { WorkerConfig } from "../worker-configs.ts";

/**
 * A folder per Worker under `dir` that holds its local environment (`.dev.vars`) and, as links, all that its own folder holds.
 * `wrangler dev` reads a second Worker's environment only from beside its wrangler.toml; so no secret is ever written into
 * the checkout, and two platforms of one checkout do not meet.
 * @returns the path of each Worker's wrangler.toml there, in order
 * @throws Error when a Worker has no environment, lacks a required secret, or is given a value that it does not declare
 */
export function linkWorkerFolders(
  workers: readonly WorkerConfig[],
  environments: Record<string, Record<string, string>>,
  dir: string,
): string[] {
  const checked = workers.map((worker) => ({ worker, values: environmentOf(worker, environments) }));
  return checked.map(({ worker, values }) => {
    const folder = join(dir, worker.name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const entry of readdirSync(worker.folder)) {
      if (!entry.startsWith(".")) symlinkSync(join(worker.folder, entry), join(folder, entry));
    }
    writeFileSync(join(folder, ".dev.vars"), envFileText(values), { mode: 0o600 });
    return join(folder, "wrangler.toml");
  });
}

function environmentOf(
  worker: WorkerConfig,
  environments: Record<string, Record<string, string>>,
): Record<string, string> {
  const values = environments[worker.name];
  if (!values) throw new Error(`There is no local environment for the Worker ${worker.name}`);
  const missing = worker.requiredSecrets.filter((name) => !(name in values));
  if (missing.length > 0)
    throw new Error(`The local environment of ${worker.name} lacks ${missing.join(", ")}`);
  // wrangler silently drops what the configuration does not declare.
  const unknown = Object.keys(values).filter((name) => !worker.settings.includes(name));
  if (unknown.length > 0)
    throw new Error(`wrangler.toml of ${worker.name} does not declare ${unknown.join(", ")}`);
  return values;
}
