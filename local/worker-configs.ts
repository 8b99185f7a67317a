import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { unstable_readConfig } from "wrangler";

/** What the local platform needs of a Worker's wrangler.toml. */
export interface WorkerConfig {
  name: string;
  path: string;
  folder: string;
  crons: string[];
  /** Names that a value may be given to: declared variables and required secrets. */
  settings: string[];
  requiredSecrets: string[];
}

/** The wrangler.toml of every Worker under `root`, the public one (the root's own) first. */
export function readWorkerConfigs(root: string): WorkerConfig[] {
  const folder = join(root, "workers");
  const others = readdirSync(folder)
    .toSorted()
    .map((name) => join(folder, name, "wrangler.toml"));
  return [join(root, "wrangler.toml"), ...others].filter((path) => existsSync(path)).map(readWorkerConfig);
}

function readWorkerConfig(path: string): WorkerConfig {
  const config = unstable_readConfig({ config: path }, { hideWarnings: true });
  if (config.name === undefined) throw new Error(`${path} gives its Worker no name`);
  const requiredSecrets = config.secrets?.required ?? [];
  return {
    name: config.name,
    path,
    folder: dirname(path),
    crons: config.triggers.crons ?? [],
    settings: [...Object.keys(config.vars), ...requiredSecrets],
    requiredSecrets,
  };
}
