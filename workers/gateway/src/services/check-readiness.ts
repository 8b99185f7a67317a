import { z } from "@hono/zod-openapi";
import type { Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import { requireAdmin } from "@souk/kit/route";
import type { Env } from "../env.ts";
import type { Readiness } from "../schemas.ts";
import { WORKER_BINDINGS, WORKER_NAMES, type WorkerName } from "../workers.ts";

const KEPT_MS = 10_000;
const TIMEOUT_MS = 2_000;

let last: { readiness: Readiness; at: number } | undefined;

async function ask(context: Context<Env>, name: WorkerName): Promise<Readiness["workers"][string]> {
  const start = context.now().getTime();
  try {
    const response = await context.env[WORKER_BINDINGS[name]].fetch(`https://${name}/ready`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { ready } = z
      .object({ ready: z.boolean() })
      .catch({ ready: false })
      .parse(await response.json());
    return { ready: response.ok && ready, ms: context.now().getTime() - start };
  } catch (error) {
    context.log.warn("a Worker does not answer", { worker: name, error: describeError(error) });
    return { ready: false, ms: context.now().getTime() - start };
  }
}

/**
 * Whether each domain Worker, and the database behind it, answers. Asked of all at once with a timeout, kept in this isolate for 10 s.
 * @throws AppError unauthorized, forbidden
 */
export async function checkReadiness(context: Context<Env>): Promise<Readiness> {
  requireAdmin(context);
  const now = context.now();
  if (last !== undefined && now.getTime() - last.at < KEPT_MS) return last.readiness;
  const workers = Object.fromEntries(
    await Promise.all(WORKER_NAMES.map(async (name) => [name, await ask(context, name)] as const)),
  );
  const readiness = {
    ready: Object.values(workers).every((worker) => worker.ready),
    checkedAt: now.toISOString(),
    workers,
  };
  last = { readiness, at: now.getTime() };
  return readiness;
}
