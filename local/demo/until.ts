import { setTimeout as delay } from "node:timers/promises";

/**
 * Looks again and again until it sees something, and returns that.
 * @param what what is awaited, for the message: "the mail to x"
 * @param look returns undefined while there is nothing to see; what it throws ends the wait
 * @throws Error when nothing is seen within `withinMs`
 */
export async function until<Seen>(
  what: string,
  look: () => Promise<Seen | undefined> | Seen | undefined,
  withinMs = 20_000,
): Promise<Seen> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${withinMs / 1000} s`);
    await delay(50);
  }
}
