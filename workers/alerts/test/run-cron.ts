import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import worker from "../src/index.ts";

/** Runs the Worker's cron as the platform would at that time. */
export async function runCron(at: Date): Promise<void> {
  const executionContext = createExecutionContext();
  await worker.scheduled(
    createScheduledController({ cron: "*/5 * * * *", scheduledTime: at }),
    env,
    executionContext,
  );
  await waitOnExecutionContext(executionContext);
}
