/** A part of the local platform that cannot start or stay up. Its message is one line for a person: what is wrong and what to do. */
export class StartError extends Error {
  override name = "StartError";
}
