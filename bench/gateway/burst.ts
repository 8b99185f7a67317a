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

/** What is asked of a server. */
export interface Asked {
  path: string;
  origin: string;
  tokens: readonly string[];
}

/** Runs a load generator in a process of its own. @throws Error when any answer was not 2xx */
async function generate(script: string, target: Target, { path, ...rest }: Asked, options: object) {
  const { stdout } = await run(process.execPath, [
    join(import.meta.dirname, script),
    JSON.stringify({ ...rest, ...options, url: target.url + path }),
  ]);
  const result = Result.parse(JSON.parse(stdout));
  if (result.failed > 0) throw new Error(`${target.name}: ${result.failed} requests failed`);
  return result;
}

/**
 * Loads a server for some seconds, each connection with one request at a time, the tokens in turn.
 * @throws Error when any answer was not 2xx
 */
export async function burst(target: Target, what: Asked, seconds: number): Promise<Burst> {
  const before = cpuSeconds(target.pids);
  const load = { connections: CONNECTIONS, seconds };
  const { answered, p50, p99 } = await generate("load.js", target, what, load);
  const used = cpuSeconds(target.pids) - before;
  return { perSecond: answered / seconds, perCpuSecond: answered / used, p50, p99 };
}

/** How long requests took that came at a rate of their own, from when each was due, in milliseconds. */
export interface Waits {
  p50: number;
  p99: number;
}

/**
 * Sends a server requests at a fixed rate for some seconds, without waiting for those before.
 * @throws Error when any answer was not 2xx
 */
export async function steady(
  target: Target,
  what: Asked,
  perSecond: number,
  seconds: number,
): Promise<Waits> {
  const { p50, p99 } = await generate("open-load.js", target, what, { perSecond, seconds });
  return { p50, p99 };
}
