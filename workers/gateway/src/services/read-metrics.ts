import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { callTimeout } from "@souk/kit/resilience";
import { requireAdmin } from "@souk/kit/route";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";
import { flushMetrics, metricsObject } from "../metrics/isolate.ts";

/**
 * The metrics of all isolates in Prometheus text; this one's are complete, the others' are up to 5 s old.
 * @throws AppError unauthorized, forbidden; unavailable when the object that sums up does not answer
 */
export async function readMetrics(context: Context<Env>): Promise<string> {
  requireAdmin(context);
  try {
    await flushMetrics(context);
    return await callTimeout.execute(() =>
      watchObject(context, "METRICS", metricsObject(context.env)).text(context.now().getTime()),
    );
  } catch (error) {
    throw new AppError("unavailable", "The metrics cannot be read now.", { cause: error });
  }
}
