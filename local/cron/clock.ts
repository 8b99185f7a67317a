import type { WorkerConfig } from "../worker-configs.ts";
import { cronMatches } from "./expression.ts";
import type { CronRun } from "./fire.ts";

const MINUTE_MS = 60_000;

/** The cron that polls the price sources: locally it runs in the replay's time. */
export const PRICE_POLL = { worker: "alerts", cron: "*/5 * * * *" } as const;

export interface CronClockOptions {
  workers: readonly Pick<WorkerConfig, "name" | "crons">[];
  fire: (run: CronRun) => Promise<void>;
  /** Moves the price source one month further and returns that month's quote time; undefined at the end of the series. */
  nextQuote: () => Date | undefined;
  onProblem: (problem: unknown) => void;
}

/**
 * Fires every Worker's Cron Triggers on their real schedule, as Cloudflare does: UTC, whole minutes, no catch-up.
 * The price poll, which also runs at once, is the exception: each run first moves the replay one month further,
 * and has that month's quote time as its `scheduledTime`.
 * @returns a function that stops the clock
 */
export function startCronClock(options: CronClockOptions): () => void {
  const triggers = options.workers.flatMap(({ name, crons }) =>
    crons.map((cron) => ({ worker: name, cron })),
  );
  const isPricePoll = ({ worker, cron }: { worker: string; cron: string }): boolean =>
    worker === PRICE_POLL.worker && cron === PRICE_POLL.cron;
  const run = (trigger: { worker: string; cron: string }, minute: Date): void => {
    const scheduledTime = isPricePoll(trigger) ? options.nextQuote() : minute;
    if (scheduledTime) options.fire({ ...trigger, scheduledTime }).catch(options.onProblem);
  };
  let timer: NodeJS.Timeout;
  const waitFor = (minute: number): void => {
    timer = setTimeout(() => {
      // Woken late (the machine slept): the missed minutes are not made up for. A timer may also wake a little early.
      const present = Math.max(minute, Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
      for (const trigger of triggers)
        if (cronMatches(trigger.cron, new Date(present))) run(trigger, new Date(present));
      waitFor(present + MINUTE_MS);
    }, minute - Date.now());
  };
  for (const { cron } of triggers) cronMatches(cron, new Date());
  for (const trigger of triggers.filter(isPricePoll)) run(trigger, new Date());
  waitFor(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS + MINUTE_MS);
  return () => clearTimeout(timer);
}
