/** The one-time token of the mailed link. It stands in the fragment, which no server and no log sees; it is taken out of the address bar. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  history.replaceState(null, "", location.pathname);
  return token;
}

/** Shows how it went; screen readers read it out, since the element is a live region. */
export function show(text, good) {
  const outcome = document.getElementById("outcome");
  outcome.className = good ? "good" : "bad";
  outcome.textContent = text;
}

/** Posts the body; true when it was accepted, else what went wrong is shown. */
export async function post(path, body, refusedText) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    if (response.ok) return true;
    show(
      response.status < 500 && response.status !== 429
        ? refusedText
        : "Souk cannot answer just now. Please try again in a minute.",
      false,
    );
  } catch {
    show("There is no connection to Souk. Please try again.", false);
  }
  return false;
}
