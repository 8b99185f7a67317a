import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { readWorkerConfigs, type WorkerConfig } from "../../local/worker-configs.ts";
import { SCRATCH } from "./scratch.ts";

/** A Worker as it would be uploaded: minified, one module. */
export interface Bundle extends WorkerConfig {
  /** Folder of `index.js`. */
  outDir: string;
  bytes: number;
  gzipBytes: number;
}

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/** Runs wrangler on one configuration and gives what it printed; it writes only below the scratch folder and calls nobody. */
export async function wrangler(args: readonly string[]): Promise<string> {
  const { stdout } = await run(
    process.execPath,
    [join(root, "node_modules/wrangler/bin/wrangler.js"), ...args],
    {
      cwd: root,
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_SEND_ERROR_REPORTS: "false",
        WRANGLER_LOG_PATH: join(SCRATCH, "wrangler-logs"),
        NO_COLOR: "1",
      },
    },
  );
  return stdout;
}

async function bundle(worker: WorkerConfig): Promise<Bundle> {
  const outDir = join(SCRATCH, "bundles", worker.name);
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  await wrangler(["deploy", "--dry-run", "-c", worker.path, "--outdir", outDir, "--minify"]);
  const code = readFileSync(join(outDir, "index.js"));
  return { ...worker, outDir, bytes: code.length, gzipBytes: gzipSync(code).length };
}

/** Builds every Worker as `wrangler deploy` would, the gateway first. */
export async function buildBundles(): Promise<Bundle[]> {
  const bundles: Bundle[] = [];
  for (const worker of readWorkerConfigs(root)) bundles.push(await bundle(worker));
  return bundles;
}
