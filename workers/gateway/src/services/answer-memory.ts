/** An answer that may be given to everyone, as plain data: it outlives the request that fetched it. */
export interface StoredAnswer {
  body: ArrayBuffer;
  headers: readonly (readonly [name: string, value: string])[];
  etag: string;
  /** When the Worker was asked, in milliseconds; whatever was written before is in the answer. */
  asOf: number;
}

/** An answer's share of the memory beside its body and key. */
const OVERHEAD_BYTES = 512;

/** The answers in this isolate's memory. When there are too many bytes, those go that were not asked for the longest. */
export class AnswerMemory {
  readonly #answers = new Map<string, { answer: StoredAnswer; bytes: number; retryAt: number }>();
  readonly #maxBytes: number;
  readonly #maxAnswerBytes: number;
  #bytes = 0;

  constructor(maxBytes: number, maxAnswerBytes: number) {
    this.#maxBytes = maxBytes;
    this.#maxAnswerBytes = maxAnswerBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): StoredAnswer | undefined {
    const entry = this.#answers.get(key);
    if (entry === undefined) return undefined;
    this.#answers.delete(key);
    this.#answers.set(key, entry);
    return entry.answer;
  }

  /** Keeps an answer, unless it is too large or one as new is there. */
  set(key: string, answer: StoredAnswer): void {
    const bytes = answer.body.byteLength + 2 * key.length + OVERHEAD_BYTES;
    const before = this.#answers.get(key);
    if (bytes > this.#maxAnswerBytes || (before !== undefined && before.answer.asOf >= answer.asOf)) return;
    this.#forget(key);
    this.#answers.set(key, { answer, bytes, retryAt: 0 });
    this.#bytes += bytes;
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#forget(oldest);
    }
  }

  /** Notes that the Worker failed: until then the old answer will do. */
  postpone(key: string, retryAt: number): void {
    const entry = this.#answers.get(key);
    if (entry !== undefined) entry.retryAt = retryAt;
  }

  /** Whether the Worker failed a moment ago. */
  isPostponed(key: string, now: number): boolean {
    return now < (this.#answers.get(key)?.retryAt ?? 0);
  }

  #forget(key: string): void {
    this.#bytes -= this.#answers.get(key)?.bytes ?? 0;
    this.#answers.delete(key);
  }
}
