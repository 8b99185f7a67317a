/** So long without a key, a click or a look, and nobody uses the page. */
const IDLE_MS = 5 * 60_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "visibilitychange"] as const;

/** Whether somebody uses the page. */
export class Activity {
  readonly #onChange: (idle: boolean) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #idle = false;

  constructor(onChange: (idle: boolean) => void) {
    this.#onChange = onChange;
    for (const sign of SIGNS) document.addEventListener(sign, this.#used);
    this.#used();
  }

  get idle(): boolean {
    return this.#idle;
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const sign of SIGNS) document.removeEventListener(sign, this.#used);
  }

  readonly #used = (): void => {
    if (document.visibilityState === "hidden") return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#set(true), IDLE_MS);
    this.#set(false);
  };

  #set(idle: boolean): void {
    if (idle === this.#idle) return;
    this.#idle = idle;
    this.#onChange(idle);
  }
}
