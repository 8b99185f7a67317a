/** A person's browser: it keeps cookies, and follows redirects until one leaves the site. */
class Browser {
  readonly #cookies = new Map<string, string>();

  /** @returns the page, or where the site sends the browser when that is elsewhere */
  async open(url: string, form?: Record<string, string>): Promise<{ at: URL; text: string }> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie },
      ...(form && { method: "POST", body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const text = await response.text();
    const location = response.headers.get("location");
    if (location === null) return { at: new URL(url), text };
    const next = new URL(location, url);
    return next.origin === new URL(url).origin ? this.open(next.href) : { at: next, text };
  }
}

/**
 * Logs in at the certified provider and consents, on its own pages.
 * @param url of the provider's log-in page
 * @returns what it sends the app by the browser
 */
export async function logInAtProvider(url: string, login: string): Promise<Record<string, string>> {
  const browser = new Browser();
  let { at, text } = await browser.open(url);
  for (const form of [{ prompt: "login", login, password: "any" }, { prompt: "consent" }]) {
    const action = /action="([^"]+)"/.exec(text)?.[1];
    if (action === undefined) throw new Error(`no form at ${at.href}: ${text}`);
    ({ at, text } = await browser.open(new URL(action, at).href, form));
  }
  return Object.fromEntries(at.searchParams);
}
