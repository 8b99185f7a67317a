import { arrange, element, make, say } from "./elements.ts";
import type { People } from "./people.ts";
import type { Line } from "./line.ts";
import type { Thread } from "./thread.ts";

interface Row {
  item: HTMLLIElement;
  who: HTMLElement;
  text: HTMLElement;
  meta: HTMLElement;
  retry: HTMLButtonElement;
  menu: HTMLDetailsElement;
}

function makeRow(onRetry: () => void, onForward: () => void, onHide: () => void): Row {
  const item = make("li");
  const row = {
    item,
    who: make("p", "who"),
    text: make("p", "text"),
    meta: make("p", "meta"),
    retry: make("button", "retry", "Try again"),
    menu: make("details", "menu"),
  };
  row.retry.type = "button";
  row.retry.addEventListener("click", onRetry);
  const choice = (text: string, onChoice: () => void) => {
    const button = make("button", "", text);
    button.type = "button";
    button.addEventListener("click", () => {
      row.menu.open = false;
      more.focus();
      onChoice();
    });
    return button;
  };
  const more = make("summary", "", "More");
  row.menu.append(more, choice("Forward", onForward), choice("Delete for me", onHide));
  item.append(row.who, row.text, row.meta, row.retry, row.menu);
  return row;
}

function timeOf(at: string): string {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  return today
    ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleString([], { dateStyle: "short", timeStyle: "short" });
}

/** Where a message is that the server has; null while it waits. */
const placeOf = (thread: Thread, key: string): number | null =>
  thread.lines().find((line) => line.key === key)?.seq ?? null;

/** Shows the open conversation, and takes what is written into it. */
export class ThreadView {
  readonly #section = element("thread", HTMLElement);
  readonly #title = element("thread-title", HTMLHeadingElement);
  readonly #presence = element("presence", HTMLParagraphElement);
  readonly #log = element("log", HTMLDivElement);
  readonly #older = element("older", HTMLButtonElement);
  readonly #messages = element("messages", HTMLOListElement);
  readonly #typing = element("typing", HTMLParagraphElement);
  readonly #text = element("text", HTMLTextAreaElement);
  #rows = new Map<string, Row>();
  readonly #onForward: (seq: number) => void;
  #thread: Thread | undefined;
  /** What I have begun to write, as it was when it was last shown or typed. */
  #draft = "";

  /**
   * @param onBack the person wants to see the list
   * @param onForward the person wants to forward the message at this place
   */
  constructor(onBack: () => void, onForward: (seq: number) => void) {
    this.#onForward = onForward;
    const form = element("write", HTMLFormElement);
    const send = () => {
      const text = this.#text.value.trim();
      if (text === "") return;
      this.#text.value = this.#draft = "";
      this.#thread?.draft.write("");
      void this.#thread?.send(text);
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      send();
    };
    this.#text.oninput = () => {
      this.#draft = this.#text.value;
      this.#thread?.write(this.#draft);
    };
    this.#text.onkeydown = (event) => {
      // While characters are being composed, Enter belongs to that.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      send();
    };
    this.#section.onkeydown = (event) => {
      if (event.key === "Escape") onBack();
    };
    element("back", HTMLButtonElement).onclick = onBack;
    this.#older.onclick = () => void this.#thread?.loadOlder().catch(() => {});
  }

  /** Shows another conversation from now on, or none. */
  open(thread: Thread | undefined): void {
    this.#thread = thread;
    this.#rows = new Map();
    this.#messages.replaceChildren();
    this.#section.hidden = thread === undefined;
    this.#text.value = this.#draft = thread?.draft.text ?? "";
    if (thread !== undefined) this.#text.focus();
  }

  show(title: string, presence: string, myId: string, people: People): void {
    const thread = this.#thread;
    if (thread === undefined) return;
    if (this.#draft !== thread.draft.text) this.#text.value = this.#draft = thread.draft.text;
    say(this.#title, title);
    say(this.#presence, presence);
    const typing = thread.typing.map((id) => people.name(id));
    say(this.#typing, typing.length === 0 ? "" : `${typing.join(", ")} typing…`);
    this.#older.hidden = !thread.hasOlder;
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    const atEnd = scrollHeight - scrollTop - clientHeight < 40;
    arrange(
      this.#messages,
      thread.lines().map((line) => this.#showLine(thread, line, line.senderId === myId, people)),
    );
    if (atEnd) this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** The focus goes back to the text: the menu that had it is gone. */
  #hide(thread: Thread, key: string): void {
    const seq = placeOf(thread, key);
    this.#text.focus();
    if (seq !== null) void thread.hide(seq).catch(() => {});
  }

  #forward(thread: Thread, key: string): void {
    const seq = placeOf(thread, key);
    if (seq !== null) this.#onForward(seq);
  }

  #showLine(thread: Thread, line: Line, own: boolean, people: People): HTMLLIElement {
    const { key, seq } = line;
    const row =
      this.#rows.get(key) ??
      makeRow(
        () => thread.retry(key),
        () => this.#forward(thread, key),
        () => this.#hide(thread, key),
      );
    this.#rows.set(key, row);
    row.item.className = own ? "own" : "";
    say(row.who, own ? "You" : people.name(line.senderId));
    say(row.text, line.text);
    row.text.classList.toggle("deleted", line.gone);
    row.menu.hidden = seq === null || line.gone;
    const marks = [line.forwarded ? "forwarded" : "", line.edited ? "edited" : ""];
    const meta = [timeOf(line.at), ...marks, line.state].filter((part) => part !== "");
    say(row.meta, meta.join(" · "));
    row.retry.hidden = !line.failed;
    return row.item;
  }
}
