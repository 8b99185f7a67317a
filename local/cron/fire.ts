import { z } from "zod";

const answerSchema = z.object({ success: z.literal(true), result: z.object({ outcome: z.string() }) });

/** One invocation of a Worker's `scheduled` handler. */
export interface CronRun {
  worker: string;
  cron: string;
  scheduledTime: Date;
}

const WITHIN_MS = 60_000;

/**
 * Fires a cron of any Worker in a running `wrangler dev` (its local explorer's API) and waits for the end of the run.
 * @param apiUrl address of that `wrangler dev`
 * @throws Error when the Worker is unknown, or its handler failed or took over 60 s
 */
export async function fireCron(apiUrl: string, { worker, cron, scheduledTime }: CronRun): Promise<void> {
  const response = await fetch(
    `${apiUrl}/cdn-cgi/local/explorer/api/local/scheduled?worker=${encodeURIComponent(worker)}`,
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ cron, scheduled_time: scheduledTime.getTime() }),
      signal: AbortSignal.timeout(WITHIN_MS),
    },
  );
  const text = await response.text();
  const what = `Cron ${cron} of ${worker} at ${scheduledTime.toISOString()}`;
  if (!response.ok) throw new Error(`${what} was not run: HTTP ${response.status} ${text.slice(0, 300)}`);
  const { outcome } = answerSchema.parse(JSON.parse(text)).result;
  if (outcome !== "ok") throw new Error(`${what} failed: ${outcome}`);
}
