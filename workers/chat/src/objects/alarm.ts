/** An object's alarm, and when it comes: setting it is a write, and most changes find it set. Times are in milliseconds since 1970. */
export class Alarm {
  readonly #storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;
  #at = Number.POSITIVE_INFINITY;

  /** To be made in the object's constructor. */
  constructor(
    state: Pick<DurableObjectState, "blockConcurrencyWhile"> & {
      storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;
    },
  ) {
    this.#storage = state.storage;
    void state.blockConcurrencyWhile(async () => {
      this.#at = (await this.#storage.getAlarm()) ?? Number.POSITIVE_INFINITY;
    });
  }

  /** Has it come at a time or before: one that is set for earlier stays. What is written in the same turn is stored with it. */
  async by(at: number): Promise<void> {
    if (this.#at <= at) return;
    this.#at = at;
    await this.#storage.setAlarm(at);
  }

  /** To be called when it has come. */
  came(): void {
    this.#at = Number.POSITIVE_INFINITY;
  }
}
