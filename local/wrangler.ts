import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { freePort } from "./free-port.ts";
import { type ChildRecord, recordOwner, stopOrphan } from "./orphan.ts";
import { StartError } from "./start-error.ts";
import { refuseTakenPort } from "./taken-port.ts";
import type { WorkerConfig } from "./worker-configs.ts";
import { linkWorkerFolders } from "./wrangler/worker-folders.ts";

export interface WranglerOptions {
  /** Every Worker, the public one first. */
  workers: readonly WorkerConfig[];
  /** Variables and secrets by Worker name. */
  environments: Record<string, Record<string, string>>;
  /** Folder of its state, caches and log (`<dir>/wrangler.log`). */
  dir: string;
  port: number;
  /** Ends the wait for readiness. */
  signal?: AbortSignal | undefined;
}

export interface Wrangler {
  url: string;
  /** Settles when wrangler has ended, for whatever reason. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 3_000;

/**
 * Starts all Workers in one `wrangler dev` on 127.0.0.1 and waits until the public one answers `GET /health` with 200.
 * One that a killed run left behind over the same folder is stopped first.
 * @throws StartError when the port is taken, wrangler is missing, or the Workers do not come up
 */
export async function startWrangler(options: WranglerOptions): Promise<Wrangler> {
  const { workers, dir, port } = options;
  const program = join(import.meta.dirname, "../node_modules/.bin/wrangler");
  if (!existsSync(program))
    throw new StartError("wrangler is not installed. Run `npm ci`, then start again.");
  const persistTo = join(dir, `workerd-${workerdVersion()}`);
  const record: ChildRecord = {
    pidFile: join(dir, "wrangler.pid"),
    ownerFile: join(dir, "wrangler.owner"),
    mark: `--persist-to ${persistTo} `,
    what: `The Workers' folder ${dir}`,
  };
  mkdirSync(join(dir, "tmp"), { recursive: true });
  await stopOrphan(record, (pid) => process.kill(-pid, "SIGKILL"));
  await refuseTakenPort(port, "the API", "SOUK_PORT_API");
  const folders = join(dir, "workers");
  const configs = linkWorkerFolders(workers, options.environments, folders);
  const flags = [
    ...configs.flatMap((path) => ["-c", path]),
    "--ip",
    "127.0.0.1",
    "--port",
    String(port),
    "--inspector-port",
    String(await freePort()),
    "--persist-to",
    persistTo,
    "--show-interactive-dev-session=false",
  ];
  const log = join(dir, "wrangler.log");
  recordOwner(record);
  const child = launch(program, flags, configs[0] === undefined ? dir : dirname(configs[0]), dir, log);
  if (child.pid !== undefined) writeFileSync(record.pidFile, `${child.pid}\n`);
  const endGroup = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The group has ended already.
    }
  };
  const killWithUs = (): void => endGroup("SIGKILL");
  process.once("exit", killWithUs);
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => resolve()).once("error", () => resolve()),
  ).then(() => {
    process.off("exit", killWithUs);
    // What the leader left of its group.
    endGroup("SIGKILL");
    // The environments with their secrets; the state stays.
    rmSync(folders, { recursive: true, force: true });
    rmSync(record.pidFile, { force: true });
  });
  const stop = async (): Promise<void> => {
    endGroup("SIGINT");
    const hard = setTimeout(() => endGroup("SIGKILL"), STOP_WITHIN_MS);
    await ended.finally(() => clearTimeout(hard));
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await ready(`${url}/health`, child, log, options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, ended, stop };
}

/** State written by a newer workerd crashes an older one, so each version has its own folder. */
function workerdVersion(): string {
  const ofWrangler = createRequire(createRequire(import.meta.url).resolve("wrangler"));
  return z.object({ version: z.string() }).parse(ofWrangler("workerd")).version;
}

// The person's own environment stays outside: its CLOUDFLARE_API_TOKEN or NODE_OPTIONS must not have a say here.
function launch(program: string, flags: string[], cwd: string, dir: string, log: string): ChildProcess {
  const output = openSync(log, "w", 0o600);
  const child = spawn(process.execPath, [program, "dev", ...flags], {
    cwd,
    detached: true,
    stdio: ["ignore", output, output],
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      TMPDIR: join(dir, "tmp"),
      XDG_CONFIG_HOME: join(dir, "config"),
      WRANGLER_REGISTRY_PATH: join(dir, "registry"),
      WRANGLER_LOG_PATH: join(dir, "wrangler-logs"),
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      NO_COLOR: "1",
    },
  });
  closeSync(output);
  return child;
}

async function ready(
  healthUrl: string,
  child: ChildProcess,
  log: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answers(healthUrl))) {
    signal?.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null)
      throw new StartError(`The Workers did not start: ${firstError(log)}. The log is ${log}.`);
    if (Date.now() > deadline)
      throw new StartError(
        `The Workers did not answer within ${READY_WITHIN_MS / 1000} s: ${firstError(log)}. The log is ${log}.`,
      );
    await delay(100);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** The first error of wrangler's log in one line, with the place in the source that follows it. */
function firstError(log: string): string {
  const lines = stripVTControlCharacters(readFileSync(log, "utf8"))
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const at = lines.findIndex((line) => /error/i.test(line) && !line.includes("Build failed with"));
  const place = lines[at + 1] ?? "";
  const text = lines[at]?.replace(/^.*\[ERROR\]\s*/, "") ?? "no error was logged";
  return /:\d+:\d+:$/.test(place) ? `${text} (${place.slice(0, -1)})` : text.replace(/\.$/, "");
}
