import { offerLink } from "./ask-link.js";
import { post, show, takeToken } from "./post-token.js";

const RULE = "Use at least 8 characters, with a small letter, a capital letter and a digit.";
const REFUSED = "That did not work: the link is used up or too old.";

const form = document.getElementById("reset");
const button = form.querySelector("button");
const input = document.getElementById("password");
const token = takeToken();
if (token === null) {
  form.hidden = true;
  show("We mail you a link, with which you choose a new password.", true);
  offerLink("/api/v1/auth/forgot-password");
}

input.addEventListener("input", () => {
  const fits =
    input.value.length >= 8 &&
    /[a-z]/.test(input.value) &&
    /[A-Z]/.test(input.value) &&
    /\d/.test(input.value);
  input.setCustomValidity(fits ? "" : RULE);
});

async function reset() {
  button.disabled = true;
  if (await post("/api/v1/auth/reset-password", { token, password: input.value }, REFUSED)) {
    form.hidden = true;
    show("Your new password is set, and every device has been logged out. You can log in now.", true);
  } else offerLink("/api/v1/auth/forgot-password");
  button.disabled = false;
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void reset();
});
