import fc from "fast-check";
import { inject } from "vitest";
import { seedOf } from "./seed.ts";

/** A run takes so many through a schedule each, side by side. */
const AT_ONCE = 100;
const RUNS = 10;
export const SCHEDULES = AT_ONCE * RUNS;

const soak = inject("soak");
/** Drawn before a test takes chance away. */
const start = seedOf(soak.seed ?? undefined);
/** For a test that holds schedules: five minutes, and as long as the soak takes. */
export const SCHEDULES_MS = 300_000 + soak.minutes * 60_000;

/** What schedules are played with, beside a plain model of it. */
export interface Subject<Step> {
  run: (step: Step) => Promise<void>;
  /** Holds it to its model when the schedule is over. */
  hold: () => Promise<void>;
}

export interface Schedules<Step, One extends Subject<Step>> {
  /** What `npm run soak -- --of` calls them. */
  of: string;
  schedule: fc.Arbitrary<Step[]>;
  begin: () => Promise<One>;
  /** Steps during which nobody else is asked anything: the runtime of the tests would not answer. */
  isAlone: (step: Step) => boolean;
  /** Holds what all of them left together. */
  holdAll?: (subjects: One[]) => Promise<void>;
}

/** Says of a failure which schedule it came of. */
const during = (schedule: unknown, work: Promise<void>): Promise<void> =>
  work.catch((cause: unknown) => {
    throw new Error(`With ${JSON.stringify(schedule)}: ${String(cause)}`, { cause });
  });

async function play<Step, One extends Subject<Step>>(
  { begin, isAlone, holdAll }: Schedules<Step, One>,
  schedules: Step[][],
): Promise<void> {
  const all = await Promise.all(schedules.map(async (schedule) => ({ schedule, subject: await begin() })));
  const rounds = Math.max(...schedules.map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    const go = async ({ schedule, subject }: (typeof all)[number], alone: boolean) => {
      const step = schedule[round];
      if (step !== undefined && isAlone(step) === alone) await during(schedule, subject.run(step));
    };
    await Promise.all(all.map((one) => go(one, false)));
    for (const one of all) await go(one, true);
  }
  await Promise.all(all.map(({ schedule, subject }) => during(schedule, subject.hold())));
  await holdAll?.(all.map(({ subject }) => subject));
}

/**
 * Draws schedules and plays them: a thousand, or as many as the soak has time for.
 * @throws Error with the schedule that failed, and the seed that replays it
 */
export async function holdSchedules<Step, One extends Subject<Step>>(
  schedules: Schedules<Step, One>,
): Promise<void> {
  const drawn = fc.array(schedules.schedule, { minLength: AT_ONCE, maxLength: AT_ONCE });
  const property = fc.asyncProperty(drawn, (some) => play(schedules, some));
  const end = Date.now() + soak.minutes * 60_000;
  for (let runs = 0; runs === 0 || Date.now() < end; runs += RUNS) {
    const from = runs === 0 ? start : { seed: start.seed + runs };
    // To make a hundred smaller takes longer than to read the one that failed.
    const details = await fc.check(property, { ...from, numRuns: RUNS, endOnFailure: true });
    if (!details.failed) continue;
    const seed = `${details.seed}:${details.counterexamplePath ?? ""}`;
    throw new Error(
      `Replay with SOAK_SEED=${seed} npm run soak -- --of ${schedules.of}\n${String(details.errorInstance)}`,
      {
        cause: details.errorInstance,
      },
    );
  }
}
