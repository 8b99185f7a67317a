import { KNOWN_METHODS } from "../known-methods.ts";
import { BUCKETS, type Batch, type Series } from "./batch.ts";

/** Counts the requests of one isolate, and hands over what is new. */
export class RequestTally {
  readonly #series = new Map<string, Series>();
  readonly #isolate: string;
  /** Handed over, and not yet known to have arrived. */
  #sent: Batch | undefined;
  #number = 0;
  #active = 0;

  /** @param isolate an id of its own */
  constructor(isolate: string) {
    this.#isolate = isolate;
  }

  begin(): void {
    this.#active += 1;
  }

  end(method: string, route: string, status: number, seconds: number): void {
    this.#active -= 1;
    const known = KNOWN_METHODS.has(method) ? method : "other";
    const key = `${known} ${status} ${route}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { method: known, route, status, count: 0, seconds: 0, buckets: [0, 0, 0, 0, 0, 0] };
      this.#series.set(key, series);
    }
    series.count += 1;
    series.seconds += seconds;
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    const at = bucket === -1 ? BUCKETS.length : bucket;
    series.buckets[at] = (series.buckets[at] ?? 0) + 1;
  }

  /**
   * Sends what is new. When it cannot be sent it is kept, and sent again as it was: its number says whether it had arrived.
   * @throws what `send` throws
   */
  async flush(send: (batch: Batch) => Promise<void>): Promise<void> {
    // One batch at a time, whoever flushes meanwhile: the object takes them by their order.
    while (this.#sent !== undefined) await this.#deliver(this.#sent, send);
    this.#number += 1;
    const series = [...this.#series.values()];
    this.#series.clear();
    this.#sent = { isolate: this.#isolate, number: this.#number, active: this.#active, series };
    await this.#deliver(this.#sent, send);
  }

  async #deliver(batch: Batch, send: (batch: Batch) => Promise<void>): Promise<void> {
    await send(batch);
    if (this.#sent === batch) this.#sent = undefined;
  }
}
