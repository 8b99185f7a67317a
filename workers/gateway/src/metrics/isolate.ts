import { DelayedRun } from "@souk/kit/delayed-run";
import { callTimeout } from "@souk/kit/resilience";
import type { Context } from "@souk/kit/context";
import type { Answer } from "@souk/kit/request-context";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";
import { RequestTally } from "./request-tally.ts";

const FLUSH_MS = 5_000;

/** The one object that sums up. */
export const metricsObject = (env: Env) => env.METRICS.getByName("gateway");

/** What this isolate counts. Made at the first request: workerd refuses random values while modules load. */
let tally: RequestTally | undefined;
const ofIsolate = (): RequestTally => (tally ??= new RequestTally(crypto.randomUUID()));

/** Sends what this isolate counted. @throws what the object throws, TaskCancelledError when it is silent */
export const flushMetrics = (context: Context<Env>): Promise<void> =>
  ofIsolate().flush((batch) => {
    const metrics = watchObject(context, "METRICS", metricsObject(context.env));
    return callTimeout.execute(() => metrics.add(batch, context.now().getTime()));
  });

const flush = new DelayedRun<Context<Env>>(FLUSH_MS, flushMetrics);

/** A request begins to be answered. */
export const countBegin = (): void => ofIsolate().begin();

/** Counts an answer; the count is sent within 5 s. */
export function countEnd(context: Context<Env>, { method, route, status, ms }: Answer): void {
  ofIsolate().end(method, route, status, ms / 1000);
  flush.soon(context);
}
