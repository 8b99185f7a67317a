/**
 * A cache in this isolate's memory: entries end after a time, and the oldest goes when there are too many.
 * Other isolates know nothing of it, so it is for what may be a moment old.
 */
export class MemoryCache<V> {
  readonly #entries = new Map<string, { value: V; until: number }>();
  readonly #ttlMs: number;
  readonly #maxEntries: number;

  constructor(ttlMs: number, maxEntries: number) {
    this.#ttlMs = ttlMs;
    this.#maxEntries = maxEntries;
  }

  get(key: string, now: Date): V | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && now.getTime() < entry.until ? entry.value : undefined;
  }

  /** @param endsAt when the value itself ends, if that may be before the cache's own time is over */
  set(key: string, value: V, now: Date, endsAt: Date | null = null): void {
    const until = Math.min(now.getTime() + this.#ttlMs, endsAt?.getTime() ?? Number.POSITIVE_INFINITY);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= this.#maxEntries && oldest !== undefined && !this.#entries.has(key)) {
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { value, until });
  }

  clear(): void {
    this.#entries.clear();
  }
}
