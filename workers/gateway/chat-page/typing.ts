const TELL_EVERY_MS = 3_000;
const SHOWN_MS = 5_000;

/** Who is typing in a conversation. */
export class Typing {
  readonly #tell: () => void;
  readonly #onChange: () => void;
  readonly #others = new Map<string, ReturnType<typeof setTimeout>>();
  #toldAt = 0;

  /** @param tell says that I am */
  constructor(tell: () => void, onChange: () => void) {
    this.#tell = tell;
    this.#onChange = onChange;
  }

  get others(): string[] {
    return [...this.#others.keys()];
  }

  /** Somebody else types, for the next seconds. */
  start(userId: string): void {
    clearTimeout(this.#others.get(userId));
    this.#others.set(
      userId,
      setTimeout(() => {
        this.stop(userId);
        this.#onChange();
      }, SHOWN_MS),
    );
  }

  stop(userId: string | null): void {
    if (userId === null) return;
    clearTimeout(this.#others.get(userId));
    this.#others.delete(userId);
  }

  /** Says that I am typing, now and then. */
  tell(): void {
    if (Date.now() - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = Date.now();
    this.#tell();
  }

  /** I have sent it: what I type next is said at once. */
  sent(): void {
    this.#toldAt = 0;
  }
}
