/** Watches a connection: one that says nothing for too long is lost, whatever it believes of itself. */
export class Heartbeat {
  readonly #ping: () => void;
  readonly #onSilent: () => void;
  #heard = false;
  #beat: ReturnType<typeof setInterval> | undefined;
  #due: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param ping asks the other side for a sign of life
   * @param onSilent told when there was none
   */
  constructor(ping: () => void, onSilent: () => void) {
    this.#ping = ping;
    this.#onSilent = onSilent;
  }

  /** From now on there has to be a sign of life between two beats. */
  every(ms: number): void {
    clearInterval(this.#beat);
    this.#heard = true;
    this.#beat = setInterval(() => {
      if (!this.#heard) return this.#onSilent();
      this.#heard = false;
      this.#ping();
    }, ms);
  }

  /** The next sign of life has to come within this time. */
  within(ms: number): void {
    clearTimeout(this.#due);
    this.#due = setTimeout(this.#onSilent, ms);
  }

  /** There was a sign of life. */
  heard(): void {
    this.#heard = true;
    clearTimeout(this.#due);
  }

  stop(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#due);
  }
}
