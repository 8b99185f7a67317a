import { post, show, takeToken } from "./post-token.js";

// A button and not a post at once: mail scanners open links and run their scripts.
const button = document.getElementById("unlock");
const token = takeToken();
if (token === null) {
  button.hidden = true;
  show("Please open the link from our mail again: something is missing in it.", false);
}

async function unlock() {
  button.disabled = true;
  if (await post("/api/v1/auth/unlock", { token }, "This link is no longer good.")) {
    button.hidden = true;
    show("Your account is unlocked. You can log in now.", true);
  }
  button.disabled = false;
}
button.addEventListener("click", () => void unlock());
