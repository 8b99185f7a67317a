import { stopwatch } from "@souk/db/stopwatch";
import type { z } from "zod";
import { parseEnv, type BaseEnv } from "./config.ts";
import { createContext, finish, type Context } from "./context.ts";
import { describeError } from "./log.ts";
import { sendSpans } from "./spans.ts";

type AnyEnv = z.infer<typeof BaseEnv>;

/**
 * The `scheduled` handler of a Worker. The context's clock stands at the run's scheduled time.
 * @param jobs what each cron expression of the Worker's wrangler.toml runs
 */
export function runCrons<Env extends AnyEnv>(
  schema: z.ZodType<Env>,
  service: string,
  jobs: Record<string, (context: Context<Env>) => Promise<void>>,
) {
  return async (
    controller: Pick<ScheduledController, "cron" | "scheduledTime">,
    rawEnv: object,
    executionContext: Pick<ExecutionContext, "waitUntil">,
  ): Promise<void> => {
    const context = createContext<Env>(parseEnv(schema, rawEnv), {
      service,
      waitUntil: (work) => executionContext.waitUntil(work),
      now: () => new Date(controller.scheduledTime),
    });
    const fields = { cron: controller.cron, scheduledTime: new Date(controller.scheduledTime).toISOString() };
    const passed = stopwatch();
    let failed = true;
    try {
      const job = jobs[controller.cron];
      if (job === undefined) throw new Error(`No job for cron ${controller.cron}`);
      await job(context);
      failed = false;
      context.log.info("cron ran", { ...fields, ms: passed(), database: context.databaseUse });
    } catch (error) {
      context.log.error("cron failed", { ...fields, error: describeError(error) });
      throw error;
    } finally {
      context.spans?.own({
        name: `cron ${controller.cron}`,
        kind: "internal",
        ms: passed(),
        failed,
        attributes: { "cron.schedule": controller.cron, "cron.scheduled_time": fields.scheduledTime },
      });
      sendSpans(context);
      finish(context);
    }
  };
}
