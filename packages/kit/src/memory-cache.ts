/**
 * A cache in this isolate's memory: entries end after a time, and the oldest goes when there are too many.
 * Other isolates know nothing of it, so it is for what may be a moment old.
 * When an entry has ended, the first who asks is sent to read it anew; with a grace, the others are given the old one meanwhile.
 */
export class MemoryCache<V> {
  readonly #entries = new Map<string, { value: V; until: number; graceMs: number }>();
  readonly #ttlMs: number;
  readonly #maxEntries: number;
  readonly #graceMs: number;

  constructor(ttlMs: number, maxEntries: number, graceMs = 0) {
    this.#ttlMs = ttlMs;
    this.#maxEntries = maxEntries;
    this.#graceMs = graceMs;
  }

  get(key: string, now: Date): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (now.getTime() < entry.until) return entry.value;
    this.#entries.delete(key);
    const last = entry.until + entry.graceMs;
    if (now.getTime() < last) this.#entries.set(key, { value: entry.value, until: last, graceMs: 0 });
    return undefined;
  }

  /** @param endsAt when the value itself ends, if that may be before the cache's own time is over */
  set(key: string, value: V, now: Date, endsAt: Date | null = null): void {
    const end = endsAt?.getTime() ?? Number.POSITIVE_INFINITY;
    const until = Math.min(now.getTime() + this.#ttlMs, end);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= this.#maxEntries && oldest !== undefined && !this.#entries.has(key)) {
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { value, until, graceMs: Math.min(this.#graceMs, end - until) });
  }

  clear(): void {
    this.#entries.clear();
  }
}
