import { env } from "cloudflare:workers";
import { inject } from "vitest";
import { z } from "zod";
import { codeOf, type Script } from "../../../local/openid/script.ts";
import { Authorization } from "../src/provider-schemas.ts";
import { post } from "./actions.ts";

const { certified, scripted, client, redirectUri } = inject("openid");
export const REDIRECT_URI = redirectUri;
const MOBILE_URI = "app.souk.test:/signed-in";

/** The scripted provider of this name. */
export const issuerOf = (name: string): string => scripted.replace("NAME", name);

const entry = (id: string, more: object = {}) => ({
  id,
  name: `The ${id}`,
  issuer: issuerOf(id),
  clientId: client.id,
  ...more,
});

/**
 * Configures the Worker's providers: it parses its environment at the first request, so a test file does this at its top.
 * @param names of scripted providers that one file's tests have for themselves
 */
export function configureProviders(...names: string[]): void {
  const providers = [
    entry("certified", { issuer: certified }),
    entry("acme"),
    entry("posting", {
      clientAuthentication: "client_secret_post",
      lacks: ["pkce", "nonce"],
      parameters: { prompt: "consent" },
    }),
    ...names.map((name) => entry(name)),
  ];
  Object.assign(env, {
    OPENID_PROVIDERS: JSON.stringify(providers),
    OPENID_SECRETS: JSON.stringify(Object.fromEntries(providers.map(({ id }) => [id, client.secret]))),
    OPENID_REDIRECT_URIS: JSON.stringify([REDIRECT_URI, MOBILE_URI]),
  });
}

/** Begins a sign-in. */
export async function begun(provider: string) {
  const answer = await post(`providers/${provider}/authorizations`, { redirectUri: REDIRECT_URI });
  return authorizationOf(answer);
}

/** What a browser is sent to the provider with, and the flow. */
export async function authorizationOf(answer: Response) {
  const { url, flow } = Authorization.parse(await answer.json());
  const sent = Object.fromEntries(new URL(url).searchParams);
  return { url, flow, state: sent["state"] ?? "", sent };
}
type Begun = Awaited<ReturnType<typeof begun>>;

/** What the browser brings back from a scripted provider: it answers as the script says. */
export function broughtBack({ flow, state, sent }: Begun, script: Partial<Script> & { subject: string }) {
  const code = codeOf({
    id: crypto.randomUUID(),
    ...(sent["nonce"] !== undefined && { nonce: sent["nonce"] }),
    ...(sent["code_challenge"] !== undefined && { challenge: sent["code_challenge"] }),
    ...script,
  });
  return { code, state, flow };
}

/** Signs in with a scripted provider, from beginning to end. */
export async function signedIn(
  script: Partial<Script> & { subject: string },
  provider = "acme",
): Promise<Response> {
  return post(`providers/${provider}/sessions`, broughtBack(await begun(provider), script));
}

export const newSubject = (): string => `grace-${crypto.randomUUID()}`;

/** What a scripted provider was asked. */
export const toldTo = async (name: string) =>
  z
    .object({ keyRequests: z.int(), revoked: z.array(z.string()) })
    .parse(await (await fetch(`${issuerOf(name)}/told`)).json());
