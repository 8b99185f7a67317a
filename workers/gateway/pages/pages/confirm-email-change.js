import { post, show, takeToken } from "./post-token.js";

// A button and not a post at once: mail scanners open links and run their scripts.
const button = document.getElementById("confirm");
const token = takeToken();
if (token === null) {
  button.hidden = true;
  show("Please open the link from our mail again: something is missing in it.", false);
}

async function confirm() {
  button.disabled = true;
  const refused = "This link is no longer good. Ask for the change again in your account.";
  if (await post("/api/v1/auth/confirm-email-change", { token }, refused)) {
    button.hidden = true;
    show("Confirmed. The address changes as soon as the other one is confirmed too.", true);
  }
  button.disabled = false;
}
button.addEventListener("click", () => void confirm());
