import type { Conversation, Conversations } from "./conversations.ts";
import { arrange, element, make, say } from "./elements.ts";
import type { People } from "./people.ts";
import { textOf } from "./line.ts";

/** What a conversation is called. */
export const titleOf = (conversation: Conversation, people: People): string =>
  conversation.kind === "direct" ? people.name(conversation.peerId) : (conversation.title ?? "Conversation");

interface Row {
  item: HTMLLIElement;
  button: HTMLButtonElement;
  title: HTMLElement;
  unread: HTMLElement;
  last: HTMLElement;
}

function makeRow(onOpen: () => void): Row {
  const item = make("li");
  const button = make("button", "conversation");
  button.type = "button";
  const title = make("span", "title");
  const unread = make("span", "unread");
  const last = make("span", "last");
  button.append(title, unread, last);
  button.addEventListener("click", onOpen);
  item.append(button);
  return { item, button, title, unread, last };
}

/** Shows the conversations; each is a button, which opens it. */
export class ListView {
  readonly #list = element("conversations", HTMLUListElement);
  readonly #empty = element("no-conversations", HTMLParagraphElement);
  readonly #rows = new Map<string, Row>();
  readonly #onOpen: (id: string) => void;

  constructor(onOpen: (id: string) => void) {
    this.#onOpen = onOpen;
  }

  show(conversations: Conversations, people: People, openId: string | undefined): void {
    const listed = conversations.inOrder();
    this.#empty.hidden = listed.length > 0;
    arrange(
      this.#list,
      listed.map((conversation) => {
        const { id, unread, lastMessage, me } = conversation;
        const row = this.#rows.get(id) ?? makeRow(() => this.#onOpen(id));
        this.#rows.set(id, row);
        say(row.title, titleOf(conversation, people));
        say(row.unread, unread > 0 ? `${unread} unread` : "");
        const begun = me.draft !== null && id !== openId ? `Draft: ${me.draft.text}` : undefined;
        say(row.last, begun ?? (lastMessage === null ? "" : textOf(lastMessage)));
        row.button.setAttribute("aria-current", String(id === openId));
        return row.item;
      }),
    );
  }

  focus(id: string): void {
    this.#rows.get(id)?.button.focus();
  }
}
