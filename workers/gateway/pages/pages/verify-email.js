import { offerLink } from "./ask-link.js";
import { post, show, takeToken } from "./post-token.js";

// A button and not a post at once: mail scanners open links and run their scripts.
const button = document.getElementById("confirm");
const token = takeToken();
if (token === null) {
  button.hidden = true;
  show("Please open the link from our mail again: something is missing in it.", false);
  offerLink("/api/v1/auth/resend-verification");
}

async function confirm() {
  button.disabled = true;
  if (await post("/api/v1/auth/verify-email", { token }, "This link is no longer good.")) {
    button.hidden = true;
    show("Your address is confirmed. You can log in now.", true);
  } else offerLink("/api/v1/auth/resend-verification");
  button.disabled = false;
}
button.addEventListener("click", () => void confirm());
