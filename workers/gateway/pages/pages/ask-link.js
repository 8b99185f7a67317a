import { post, show } from "./post-token.js";

const SENT = "If there is an account with this address, a new link is on its way.";
const REFUSED = "Please write your address as in name@example.com.";

/** Shows the form that has a new link mailed. @param path the route that sends it; it answers the same for every address */
export function offerLink(path) {
  const form = document.getElementById("ask");
  const button = form.querySelector("button");
  async function ask() {
    button.disabled = true;
    if (await post(path, { email: form.querySelector("input").value }, REFUSED)) {
      form.hidden = true;
      show(SENT, true);
    }
    button.disabled = false;
  }
  form.hidden = false;
  form.onsubmit = (event) => {
    event.preventDefault();
    void ask();
  };
}
