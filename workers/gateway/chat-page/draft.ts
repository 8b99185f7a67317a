import type { components } from "@souk/client";

export type KeptDraft = components["schemas"]["ListedConversation"]["me"]["draft"];

const PAUSE_MS = 500;

/** What I have begun to write in a conversation: kept for all my devices after each pause, and what another of them keeps shown here. */
export class Draft {
  readonly #save: (text: string) => Promise<KeptDraft>;
  readonly #onChange: () => void;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #text = "";
  #kept = "";
  /** When the latest draft that is known was kept, in milliseconds by the server's clock. */
  #keptAt = 0;
  /** Whether what this device kept last has been told: that there is none any more may until then be older. */
  #told = true;
  /** One at a time: two at once might overtake each other. */
  #saving = false;
  #again = false;
  /** What was told meanwhile. */
  #heard: KeptDraft[] = [];

  /**
   * @param save keeps a text, none where it is empty, and returns what is kept then
   * @param kept what is known to be kept
   * @param onChange told when the text is another's
   */
  constructor(save: (text: string) => Promise<KeptDraft>, kept: KeptDraft, onChange: () => void) {
    this.#save = save;
    this.#onChange = onChange;
    this.#text = this.#kept = kept?.text ?? "";
    this.#keptAt = timeOf(kept);
  }

  get text(): string {
    return this.#text;
  }

  write(text: string): void {
    this.#text = text;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.keep(), PAUSE_MS);
  }

  /** Keeps it now, or after what is being kept. What fails is kept after the next pause. */
  keep(): void {
    clearTimeout(this.#pause);
    this.#again = this.#saving;
    if (!this.#saving && this.#text !== this.#kept) void this.#keep(this.#text);
  }

  /** Takes what is kept now, by this device or another. What is being written here stays, and is the later. */
  take(draft: KeptDraft): void {
    if (this.#saving) return void this.#heard.push(draft);
    const at = timeOf(draft);
    if (draft !== null && at >= this.#keptAt) this.#told = true;
    if (draft === null ? !this.#told : at <= this.#keptAt) return;
    this.#keptAt = Math.max(this.#keptAt, at);
    const writing = this.#text !== this.#kept;
    this.#kept = draft?.text ?? "";
    if (writing || this.#text === this.#kept) return;
    this.#text = this.#kept;
    this.#onChange();
  }

  async #keep(text: string): Promise<void> {
    this.#saving = true;
    try {
      const draft = await this.#save(text);
      this.#keptAt = Math.max(this.#keptAt, timeOf(draft));
      this.#kept = text;
      this.#told = false;
    } catch {
      // It differs from what is kept.
    }
    this.#saving = false;
    for (const draft of this.#heard.splice(0)) this.take(draft);
    if (this.#again) this.keep();
  }
}

const timeOf = (draft: KeptDraft): number => (draft === null ? 0 : Date.parse(draft.updatedAt));
