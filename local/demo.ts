import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { playChat } from "./demo/chat.ts";
import { play, START_MONTH } from "./demo/play.ts";
import { aborted, onInterrupt } from "./interrupt.ts";
import { type Platform, startPlatform } from "./platform.ts";
import { addressTable, explain, reportDone } from "./report.ts";
import { StartError } from "./start-error.ts";

// `npm run demo`: sets everything up in a fresh folder on free ports, plays the main job, and removes it all.
// `npm run demo -- --story chat` plays how two people write to each other instead.
// `npm run demo -- --keep` leaves it running until Ctrl-C, and its folder after that.
const dir = join(import.meta.dirname, `../.local/demo-${process.pid}`);
const signal = onInterrupt();
const STORIES: Record<string, (platform: Platform) => Promise<void>> = { main: play, chat: playChat };

async function main({ keep, story }: { keep: boolean; story: string }): Promise<void> {
  const tell = STORIES[story];
  if (tell === undefined)
    throw new StartError(`There is no story "${story}", only ${Object.keys(STORIES).join(" and ")}`);
  const begun = performance.now();
  console.log("Setting up");
  const platform = await startPlatform({ dir, startMonth: START_MONTH, onProgress: reportDone, signal });
  try {
    console.log("Playing");
    await Promise.race([tell(platform), endedBy(platform)]);
    console.log(`\nEvery step was observed, in ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
    if (keep) {
      console.log(`\n${addressTable(platform)}\n\nCtrl-C ends everything.`);
      const broken = await Promise.race([aborted(signal), platform.broken]);
      if (broken !== undefined) throw new StartError(`${broken} has ended by itself`);
    }
  } finally {
    await platform.stop();
  }
  if (!keep) rmSync(dir, { recursive: true, force: true });
}

/** Fails when the person or a part of the platform ends the run. */
async function endedBy(platform: Platform): Promise<never> {
  const broken = await Promise.race([aborted(signal), platform.broken]);
  throw new StartError(broken === undefined ? "Ended by hand" : `${broken} has ended by itself`);
}

const { values } = parseArgs({
  options: { keep: { type: "boolean", default: false }, story: { type: "string", default: "main" } },
});
main(values).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(`\nFAILED: ${explain(error)}`);
    console.error(
      `Logs, mails and data: ${relative(process.cwd(), dir)} (wrangler.log, postgres.log, mail/*.eml)`,
    );
    process.exit(1);
  },
);
