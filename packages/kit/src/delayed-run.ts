import type { Context } from "./context.ts";

/** Work that is put off and done once for many requests: a while after the first one that asks for it. */
export class DelayedRun<C extends Pick<Context, "now" | "after">> {
  readonly #delayMs: number;
  readonly #run: (context: C) => Promise<void>;
  #asleepUntil = 0;

  constructor(delayMs: number, run: (context: C) => Promise<void>) {
    this.#delayMs = delayMs;
    this.#run = run;
  }

  /** Has the work done within the delay, by the context of the first who asks. */
  soon(context: C): void {
    const now = context.now().getTime();
    if (now < this.#asleepUntil) return;
    // The invocation that waits may be ended by the platform: then the next one takes over.
    this.#asleepUntil = now + 2 * this.#delayMs;
    context.after(this.#later(context));
  }

  async #later(context: C): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
    this.#asleepUntil = 0;
    await this.#run(context);
  }
}
