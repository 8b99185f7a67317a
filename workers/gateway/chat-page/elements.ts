/**
 * The page's element with this id.
 * @throws Error when there is none: the page and its script belong together
 */
export function element<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no #${id}`);
  return found;
}

/** A new element. What it says is text, whatever is written in it. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Says something, unless it says so already: screen readers read out each change. */
export function say(where: HTMLElement, text: string): void {
  if (where.textContent !== text) where.textContent = text;
}

/** Makes these the children, in this order. Those that are there stay where they can, so that nothing is read out twice. */
export function arrange(parent: HTMLElement, children: HTMLElement[]): void {
  const focused = document.activeElement;
  for (const [place, child] of children.entries()) {
    const there = parent.children[place] ?? null;
    if (there !== child) parent.insertBefore(child, there);
  }
  while (parent.children.length > children.length) parent.lastElementChild?.remove();
  if (focused instanceof HTMLElement && focused !== document.activeElement && parent.contains(focused))
    focused.focus();
}
