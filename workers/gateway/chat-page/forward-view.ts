import type { Souk } from "@souk/client";
import type { Conversations } from "./conversations.ts";
import { arrange, element, make, say } from "./elements.ts";
import { failureOf } from "./failure.ts";
import { titleOf } from "./list-view.ts";
import type { People } from "./people.ts";

/** A message that is to be forwarded, and by which id of ours the server knows a repeat. */
interface Forwarding {
  conversationId: string;
  seq: number;
  clientMessageId: string;
}

/** Asks to which of my conversations a message is forwarded. */
export class ForwardView {
  readonly #souk: Souk;
  readonly #onForwarded: (conversationId: string) => void;
  readonly #dialog = element("forward", HTMLDialogElement);
  readonly #targets = element("forward-targets", HTMLUListElement);
  readonly #outcome = element("forward-outcome", HTMLParagraphElement);
  readonly #rows = new Map<string, { item: HTMLLIElement; button: HTMLButtonElement }>();
  #forwarding: Forwarding | undefined;

  /** @param onForwarded told to which conversation */
  constructor(souk: Souk, onForwarded: (conversationId: string) => void) {
    this.#souk = souk;
    this.#onForwarded = onForwarded;
    element("forward-cancel", HTMLButtonElement).onclick = () => this.close();
  }

  ask(conversationId: string, seq: number): void {
    this.#forwarding = { conversationId, seq, clientMessageId: crypto.randomUUID() };
    say(this.#outcome, "");
    this.#dialog.showModal();
  }

  /** Shows the conversations while it asks. */
  show(conversations: Conversations, people: People): void {
    if (!this.#dialog.open) return;
    arrange(
      this.#targets,
      conversations.inOrder().map((conversation) => {
        const row = this.#rows.get(conversation.id) ?? this.#makeRow(conversation.id);
        this.#rows.set(conversation.id, row);
        say(row.button, titleOf(conversation, people));
        return row.item;
      }),
    );
  }

  close(): void {
    this.#dialog.close();
  }

  #makeRow(id: string): { item: HTMLLIElement; button: HTMLButtonElement } {
    const [item, button] = [make("li"), make("button", "plain")];
    button.type = "button";
    button.onclick = () => void this.#forward(id);
    item.append(button);
    return { item, button };
  }

  async #forward(to: string): Promise<void> {
    const body = this.#forwarding;
    if (body === undefined) return;
    say(this.#outcome, "");
    try {
      await this.#souk.POST("/api/v1/conversations/{id}/forwards", { params: { path: { id: to } }, body });
    } catch (error) {
      if (body === this.#forwarding) say(this.#outcome, failureOf(error));
      return;
    }
    // Who has closed it meanwhile stays where they are.
    if (body !== this.#forwarding || !this.#dialog.open) return;
    this.close();
    this.#onForwarded(to);
  }
}
