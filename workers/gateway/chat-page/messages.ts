import type { components } from "@souk/client";

export type Message = components["schemas"]["Message"];

const empty = (message: Message): Message => ({ ...message, text: null, hidden: true });

/** The messages of a conversation that are loaded, by their place. */
export class Messages {
  readonly #all = new Map<number, Message>();
  /** Places of those that I deleted for myself. */
  readonly #hidden = new Set<number>();

  /** In their order. */
  all(): Message[] {
    return [...this.#all.values()].sort((a, b) => a.seq - b.seq);
  }

  get first(): number {
    return Math.min(...this.#all.keys());
  }

  /** 0 where there are none. */
  get last(): number {
    return Math.max(0, ...this.#all.keys());
  }

  /** Whether a place is among those loaded: of an earlier one the room does not know whether I deleted it for myself. */
  covers(seq: number): boolean {
    return this.#all.size === 0 || seq >= this.first;
  }

  /** Takes a message unless a newer state of it is known. What I deleted for myself stays so, whatever a room tells of it. */
  put(message: Message): void {
    if (message.hidden) this.#hidden.add(message.seq);
    const known = this.#all.get(message.seq);
    if (known === undefined || known.revision < message.revision)
      this.#all.set(message.seq, this.#hidden.has(message.seq) ? empty(message) : message);
  }

  /** I have deleted it for myself. */
  hide(seq: number): void {
    this.#hidden.add(seq);
    const known = this.#all.get(seq);
    if (known !== undefined) this.#all.set(seq, empty(known));
  }

  forgetBefore(seq: number): void {
    for (const known of this.#all.keys()) if (known < seq) this.#all.delete(known);
  }
}
