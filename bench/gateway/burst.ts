import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { cpuSeconds } from "../measure/process.ts";

const run = promisify(execFile);
const Result = z.object({ answered: z.number(), failed: z.number(), p50: z.number(), p99: z.number() });

/** A server that is loaded, and the processes whose CPU time is its own. */
export interface Target {
  name: string;
  url: string;
  pids: readonly number[];
}

export interface Burst {
  perSecond: number;
  /** Requests for each second of CPU time of the server's processes. */
  perCpuSecond: number;
  p50: number;
  p99: number;
}

const CONNECTIONS = 50;

/**
 * Loads a server for some seconds, each connection with one request at a time, the tokens in turn.
 * @throws Error when any answer was not 2xx
 */
export async function burst(
  target: Target,
  what: { path: string; origin: string; tokens: readonly string[] },
  seconds: number,
): Promise<Burst> {
  const before = cpuSeconds(target.pids);
  const { path, ...options } = what;
  const { stdout } = await run(process.execPath, [
    join(import.meta.dirname, "load.js"),
    JSON.stringify({ ...options, url: target.url + path, connections: CONNECTIONS, seconds }),
  ]);
  const { answered, failed, p50, p99 } = Result.parse(JSON.parse(stdout));
  if (failed > 0) throw new Error(`${target.name}: ${failed} requests failed`);
  const used = cpuSeconds(target.pids) - before;
  return { perSecond: answered / seconds, perCpuSecond: answered / used, p50, p99 };
}
