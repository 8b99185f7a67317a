import type { Context } from "@souk/kit/context";
import { fetchOut } from "@souk/kit/fetch-out";
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  type Client,
  type ClientAuth,
  type CustomFetchOptions,
} from "oauth4webapi";
import { LIMITS } from "../limits.ts";
import type { Provider } from "./find-provider.ts";
import { readBounded } from "./read-bounded.ts";

type Request = CustomFetchOptions<string, URLSearchParams | string | undefined | null>;

/** Fetches from a provider: no redirects, within a time and a size. @throws Error when one is passed */
function fetchProvider(
  context: Context,
  url: string,
  { method, headers, body, redirect }: Request,
): Promise<Response> {
  const signal = AbortSignal.timeout(LIMITS.provider.timeoutMs);
  const init = { method, headers, redirect, signal, body: body ?? null };
  return fetchOut(context, url, init, async (response) => {
    const bytes = await readBounded(response, LIMITS.provider.maxBytes);
    const { status } = response;
    return new Response(bytes.length === 0 ? null : bytes, { status, headers: response.headers });
  });
}

/** How oauth4webapi calls a provider. Without TLS only on this machine, as the configuration's schema says. */
export const callOptions = (context: Context, { issuer }: Provider) => ({
  [customFetch]: (url: string, request: Request) => fetchProvider(context, url, request),
  [allowInsecureRequests]: issuer.startsWith("http://"),
});

/** What we are to a provider. */
export const clientOf = ({ clientId, algorithm }: Provider): Client => ({
  client_id: clientId,
  id_token_signed_response_alg: algorithm,
});

/** How we prove to be that. */
export const authenticationOf = ({ clientAuthentication, clientSecret }: Provider): ClientAuth =>
  clientAuthentication === "client_secret_post"
    ? ClientSecretPost(clientSecret)
    : ClientSecretBasic(clientSecret);
