import { reportDone } from "../report.ts";
import { StepFailed } from "./step-failed.ts";

/**
 * Plays one step, and prints what was observed and how long it took.
 * @param name what the step does, for the message when it fails
 * @param play throws unless the step was really observed; returns what it found and what to print
 * @throws StepFailed with the step's name and the cause
 */
export async function step<Found>(
  name: string,
  play: () => Promise<{ observed: string; found: Found }>,
): Promise<Found> {
  const begun = performance.now();
  try {
    const { observed, found } = await play();
    reportDone(observed, performance.now() - begun);
    return found;
  } catch (error) {
    throw new StepFailed(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
