/** Work that is put off and done once for many: a while after the first who asks for it. */
export class DelayedRun {
  readonly #delayMs: number;
  readonly #run: () => Promise<void>;
  #asleepUntil = 0;

  constructor(delayMs: number, run: () => Promise<void>) {
    this.#delayMs = delayMs;
    this.#run = run;
  }

  /**
   * Has the work done within the delay.
   * @param now in milliseconds since 1970
   * @param after keeps the invocation alive until then
   */
  soon(now: number, after: (work: Promise<unknown>) => void): void {
    if (now < this.#asleepUntil) return;
    // The invocation that waits may be ended by the platform: then the next one takes over.
    this.#asleepUntil = now + 2 * this.#delayMs;
    after(this.#later());
  }

  async #later(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
    this.#asleepUntil = 0;
    await this.#run();
  }
}
