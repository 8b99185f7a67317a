/** A step of the demo that was not observed. Its message is one line: the step and why. */
export class StepFailed extends Error {
  override name = "StepFailed";
}
