import { join } from "node:path";
import { PRICE_POLL, startCronClock } from "./cron/clock.ts";
import { devPorts } from "./dev-ports.ts";
import { aborted, onInterrupt } from "./interrupt.ts";
import { type Platform, startPlatform } from "./platform.ts";
import { addressTable, explain, reportDone } from "./report.ts";
import { StartError } from "./start-error.ts";
import { takeRunLock } from "./run-lock.ts";

// `npm run dev`: the whole platform on this machine, until Ctrl-C. Its data stays in .local/dev.
const dir = join(import.meta.dirname, "../.local/dev");
const signal = onInterrupt();

async function main(): Promise<void> {
  const unlock = takeRunLock(join(dir, "dev.pid"), "local/dev.ts", "`npm run dev`");
  try {
    console.log("Starting Souk");
    const platform = await startPlatform({
      dir,
      ports: devPorts(process.env),
      onProgress: reportDone,
      signal,
    });
    try {
      await stay(platform);
    } finally {
      console.log("\nEnding Souk; its data stays in .local/dev");
      await platform.stop();
    }
  } finally {
    unlock();
  }
}

async function stay(platform: Platform): Promise<void> {
  const stopClock = startCronClock({
    workers: platform.workers,
    fire: platform.fire,
    nextQuote: () => {
      const state = platform.prices.tick();
      if (state) console.log(`  gold in ${state.month}: ${state.price} USD`);
      else console.log(`  the price series has ended; move it at ${platform.prices.url}`);
      return state && new Date(state.at);
    },
    onProblem: (problem) =>
      console.error(`  ${problem instanceof Error ? problem.message : String(problem)}`),
  });
  console.log(
    `\n${addressTable(platform)}\n\nThe Workers' log is .local/dev/wrangler.log. The price moves one month at each poll (${PRICE_POLL.cron}). Ctrl-C ends everything.\n`,
  );
  try {
    const broken = await Promise.race([aborted(signal), platform.broken]);
    if (broken !== undefined && !signal.aborted)
      throw new StartError(`${broken} has ended by itself; see the logs in .local/dev.`);
  } finally {
    stopClock();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (!signal.aborted) console.error(`\n${explain(error)}`);
    process.exit(signal.aborted ? 0 : 1);
  },
);
