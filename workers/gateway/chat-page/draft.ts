import type { Souk } from "@souk/client";

const PAUSE_MS = 500;

/** What I have begun to write in a conversation, kept for all my devices after each pause. */
export class Draft {
  readonly #souk: Souk;
  readonly #conversationId: string;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #text = "";
  #kept = "";
  /** One at a time: two at once might overtake each other. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(souk: Souk, conversationId: string, kept: string) {
    this.#souk = souk;
    this.#conversationId = conversationId;
    this.#text = this.#kept = kept;
  }

  get text(): string {
    return this.#text;
  }

  write(text: string): void {
    this.#text = text;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.keep(), PAUSE_MS);
  }

  /** Keeps it now. What fails is kept after the next pause. */
  keep(): void {
    clearTimeout(this.#pause);
    const [text, earlier] = [this.#text, this.#kept];
    if (text === earlier) return;
    this.#kept = text;
    const params = { path: { id: this.#conversationId } };
    this.#before = this.#before
      .then(() => this.#souk.PUT("/api/v1/conversations/{id}/draft", { params, body: { text } }))
      .catch(() => {
        if (this.#kept === text) this.#kept = earlier;
      });
  }
}
