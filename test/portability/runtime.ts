import { spawn } from "node:child_process";
import { join } from "node:path";
import { freePort } from "../../local/free-port.ts";

const ROOT = join(import.meta.dirname, "../..");
const READY_WITHIN_MS = 20_000;

/** How each runtime serves the default export of a file; Deno is allowed no more than the Workers need. */
const SERVE = {
  bun: (file: string, _port: number) => ["run", file],
  deno: (file: string, port: number) => [
    "serve",
    "--no-remote",
    "--cached-only",
    "--allow-env",
    "--allow-read",
    "--allow-sys",
    "--allow-net=127.0.0.1",
    "--host=127.0.0.1",
    `--port=${port}`,
    file,
  ],
};
export const RUNTIMES = ["bun", "deno"] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** The program that npm brought. */
export const programOf = (runtime: Runtime): string => join(ROOT, "node_modules/.bin", runtime);

export interface Served {
  url: string;
  stop: () => Promise<void>;
}

/**
 * Serves all Workers by a runtime, and waits until they answer.
 * @throws Error with what the process wrote when it ends or does not answer in time
 */
export async function serveWorkers(
  runtime: Runtime,
  environments: Record<string, Record<string, unknown>>,
): Promise<Served> {
  const port = await freePort();
  const child = spawn(programOf(runtime), SERVE[runtime](join(import.meta.dirname, "serve.ts"), port), {
    cwd: ROOT,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PORT: String(port),
      SOUK_ENVIRONMENTS: JSON.stringify(environments),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (written += String(chunk)));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + READY_WITHIN_MS; Date.now() < end && child.exitCode === null;) {
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`${runtime} does not serve the Workers: ${written}`);
}
