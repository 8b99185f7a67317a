import type { components } from "./schema.ts";
import { SoukError } from "./souk-error.ts";

/** What a log-in gives and a refresh replaces. */
export type Tokens = Pick<components["schemas"]["Tokens"], "accessToken" | "refreshToken">;

/** Whom an access token is of, as it says itself; undefined for what is no JWT. */
function personOf(token: string): unknown {
  try {
    const payload = token.split(".")[1] ?? "";
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return typeof claims === "object" && claims !== null && "sub" in claims ? claims.sub : undefined;
  } catch {
    return undefined;
  }
}

/** The tokens of one session. However many callers find the access token refused, it is refreshed once. */
export class Session {
  #tokens: Tokens | null;
  #refreshing: Promise<void> | undefined;
  readonly #exchange: (refreshToken: string) => Promise<Tokens>;
  readonly #onTokens: (tokens: Tokens | null) => void;

  /**
   * @param exchange asks the API for new tokens
   * @param onTokens told of new tokens, and of null when the session is over
   */
  constructor(
    tokens: Tokens | null,
    exchange: (refreshToken: string) => Promise<Tokens>,
    onTokens: (tokens: Tokens | null) => void,
  ) {
    this.#tokens = tokens;
    this.#exchange = exchange;
    this.#onTokens = onTokens;
  }

  get accessToken(): string | undefined {
    return this.#tokens?.accessToken;
  }

  /** What a call sends that was begun with a token: the present one while it is of the same person, else its own. */
  tokenFor(begun: string): string {
    const token = this.accessToken;
    return token !== undefined && personOf(token) === personOf(begun) ? token : begun;
  }

  /** Another session, or none. */
  replace(tokens: Tokens | null): void {
    this.#tokens = tokens;
  }

  /**
   * Waits until the refused access token is replaced.
   * @returns the new one; undefined when the session is over, or somebody else has logged in: what one person asked is not done as another
   * @throws SoukError when the refresh fails for another reason; the tokens are kept
   */
  async renew(refused: string): Promise<string | undefined> {
    if (this.accessToken === refused) {
      this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
      await this.#refreshing;
    }
    const token = this.tokenFor(refused);
    return token === refused ? undefined : token;
  }

  async #refresh(): Promise<void> {
    const before = this.#tokens;
    if (before === null) return;
    const after = await this.#exchange(before.refreshToken).catch((error: unknown) => {
      if (error instanceof SoukError && error.status === 401) return null;
      throw error;
    });
    // Whoever logged in or out meanwhile has the last word.
    if (this.#tokens !== before) return;
    this.#tokens = after;
    this.#onTokens(after);
  }
}
