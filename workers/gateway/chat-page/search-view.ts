import type { Souk } from "@souk/client";
import { element, make, say } from "./elements.ts";
import { failureOf } from "./failure.ts";
import { nameOf } from "./people.ts";

/**
 * Finds people by name, each with a button that begins a conversation.
 * @param begin what the button does
 */
export function offerSearch(souk: Souk, begin: (userId: string) => Promise<void>): void {
  const form = element("search", HTMLFormElement);
  const input = element("who", HTMLInputElement);
  const list = element("found", HTMLUListElement);
  const outcome = element("search-outcome", HTMLParagraphElement);

  const attempt = async (act: () => Promise<void>) => {
    say(outcome, "");
    try {
      await act();
    } catch (error) {
      say(outcome, failureOf(error));
    }
  };

  const search = async () => {
    const { data } = await souk.GET("/api/v1/users/search", { params: { query: { q: input.value.trim() } } });
    list.replaceChildren(
      ...data.items.map((person) => {
        const item = make("li");
        const button = make("button", "", `Write to ${nameOf(person)}`);
        button.type = "button";
        button.onclick = () =>
          void attempt(async () => {
            await begin(person.userId);
            list.replaceChildren();
            input.value = "";
          });
        item.append(button);
        return item;
      }),
    );
    say(outcome, data.items.length === 0 ? "Nobody was found." : `${data.items.length} found.`);
  };
  list.replaceChildren();
  form.reset();
  form.onsubmit = (event) => {
    event.preventDefault();
    void attempt(search);
  };
}
