import createClient from "openapi-fetch";
import type { Call, Method } from "./calls.ts";
import { withRetries } from "./retry.ts";
import { IDEMPOTENT_POSTS } from "./schema.ts";
import { Session, type Tokens } from "./session.ts";
import { errorOf } from "./souk-error.ts";

const TIMEOUT_MS = 30_000;

/** Refused for the token that was sent; other 401s are about the request itself, e.g. a wrong password. */
const TOKEN_REFUSED = "unauthorized";

interface BySession {
  /** Of an earlier log-in. */
  tokens?: Tokens;
  /** Told of new tokens after a refresh, to be stored, and of null when the session is over. */
  onTokens?: (tokens: Tokens | null) => void;
  apiKey?: never;
}

interface ByKey {
  /** A machine's key, sent with each call in place of a session's token; it opens what its scopes say. */
  apiKey: string;
  tokens?: never;
  onTokens?: never;
}

export type SoukOptions = (BySession | ByKey) & {
  /** Where the API is, e.g. `https://api.example.com`. */
  baseUrl: string;
  /** For a call that does not say its own: 30 s. */
  timeoutMs?: number;
  fetch?: (request: Request) => Promise<Response>;
};

export interface Souk {
  GET: Call<"get">;
  PUT: Call<"put">;
  POST: Call<"post">;
  PATCH: Call<"patch">;
  DELETE: Call<"delete">;
  /** The session that later calls are of: what a log-in gave, or null. A client with an API key keeps to that. */
  setTokens: (tokens: Tokens | null) => void;
}

/** What is left of a call's types at run time. */
interface PlainParams {
  query?: Record<string, unknown>;
  path?: Record<string, unknown>;
  header?: Record<string, unknown>;
}
interface PlainInit {
  headers?: Record<string, string>;
  params?: PlainParams;
  body?: unknown;
  signal?: AbortSignal;
  timeoutMs?: number;
}
interface PlainOperation {
  parameters: PlainParams;
  requestBody?: { content: { "application/json": unknown } };
  responses: { 200: { content: { "application/json": unknown } } };
}
type PlainPaths = Record<string, Record<Method, PlainOperation>>;

const ended = ({ signal }: Request): Promise<never> =>
  new Promise((_resolve, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
  );

/** A client of the API for one user, by a session or an API key, or for nobody as long as it has neither. */
export function createSouk(options: SoukOptions): Souk {
  const send = options.fetch ?? ((request: Request) => fetch(request));
  const client = createClient<PlainPaths>({ baseUrl: options.baseUrl });
  const session = new Session(
    options.tokens ?? null,
    async (refreshToken) => (await souk.POST("/api/v1/auth/refresh", { body: { refreshToken } })).data,
    options.onTokens ?? (() => {}),
  );

  /**
   * With the API key, or the session's token; when that is refused, once more with a new one.
   * @param begun what the call was begun with, if anything: repeats are of the same person
   */
  async function sendAuthorized(request: Request, begun: string | undefined): Promise<Response> {
    const attempt = (token: string | undefined) => {
      const copy = request.clone();
      if (token !== undefined) copy.headers.set("authorization", `Bearer ${token}`);
      return send(copy);
    };
    const { apiKey } = options;
    const token = begun === undefined || begun === apiKey ? begun : session.tokenFor(begun);
    const response = await attempt(token);
    if (token === undefined || apiKey !== undefined || response.status !== 401) return response;
    if ((await errorOf(response)).code !== TOKEN_REFUSED) return response;
    // The refresh is everybody's: it goes on when this call's time is over.
    const renewed = await Promise.race([session.renew(token), ended(request)]);
    if (renewed === undefined) return response;
    await response.body?.cancel();
    return attempt(renewed);
  }

  const call =
    (method: Method) =>
    async (path: string, { timeoutMs, signal, headers, ...init }: PlainInit = {}) => {
      const withinMs = timeoutMs ?? options.timeoutMs ?? TIMEOUT_MS;
      const deadline = AbortSignal.timeout(withinMs);
      const until = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
      const isRefresh = path === "/api/v1/auth/refresh";
      const begun = isRefresh ? undefined : (options.apiKey ?? session.accessToken);
      const takesKey = method === "post" && IDEMPOTENT_POSTS.has(path);
      const repeatable = takesKey || isRefresh || method === "get" || method === "put" || method === "delete";
      const { data, response } = await client.request(method, path, {
        ...init,
        headers: { ...(takesKey && { "idempotency-key": crypto.randomUUID() }), ...headers },
        signal: until,
        fetch: async (request) => {
          const once = () => sendAuthorized(request, begun);
          const answer = await (repeatable ? withRetries(once, { withinMs, signal: until }) : once());
          if (!answer.ok) throw await errorOf(answer);
          return answer;
        },
      });
      return { data, response };
    };

  // The document's types hold for what the API answers; that it keeps to the document is what its own tests show.
  const souk = {
    GET: call("get"),
    PUT: call("put"),
    POST: call("post"),
    PATCH: call("patch"),
    DELETE: call("delete"),
    setTokens: (tokens: Tokens | null) => session.replace(tokens),
  } as Souk;
  return souk;
}
