import { authorizations } from "@souk/db/schema/auth-identities";
import type { Context } from "@souk/kit/context";
import { seal } from "@souk/kit/envelope";
import { AppError } from "@souk/kit/errors";
import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from "oauth4webapi";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { Authorization } from "../provider-schemas.ts";
import { discoverProvider } from "./discover-provider.ts";
import type { Provider } from "./find-provider.ts";
import { hashOneTimeToken, newOneTimeToken } from "./one-time-token.ts";
import { withProvider } from "./with-provider.ts";

/** What PKCE verifiers and nonces are sealed for, in the row of a state's hash. */
export const AUTHORIZATION_PURPOSE = "auth.authorizations.sealed_secrets";

/** What is sealed. */
export const AuthorizationSecrets = z.object({ verifier: z.string(), nonce: z.string() });
type AuthorizationSecrets = z.infer<typeof AuthorizationSecrets>;

/** The address of a provider's log-in page, with all that binds its answer to this very sign-in. */
async function authorizationUrl(
  provider: Provider,
  endpoint: string,
  { verifier, nonce, ...sent }: AuthorizationSecrets & { state: string; redirect_uri: string },
): Promise<string> {
  const url = new URL(endpoint);
  const parameters = {
    ...provider.parameters,
    client_id: provider.clientId,
    response_type: "code",
    scope: provider.scopes.join(" "),
    ...sent,
    ...(!provider.lacks.includes("nonce") && { nonce }),
    ...(!provider.lacks.includes("pkce") && {
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/**
 * Begins a sign-in with a provider. Its state passes through the provider and the browser; the flow stays with the app, so that nobody
 * else can end what it began.
 * @param userId who links an identity; null for a log-in
 * @throws AppError validation_failed (`redirectUri`): not one that the operator allows; unavailable when the provider fails
 */
export async function startAuthorization(
  context: Context<Env>,
  provider: Provider,
  redirectUri: string,
  userId: string | null,
): Promise<Authorization> {
  if (!context.env.OPENID_REDIRECT_URIS.includes(redirectUri))
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field: "redirectUri", message: "is not allowed by the operator" }],
    });
  const state = generateRandomState();
  const flow = newOneTimeToken();
  const secrets = { verifier: generateRandomCodeVerifier(), nonce: generateRandomNonce() };
  const url = await withProvider(context, provider, async () => {
    const { authorization_endpoint } = await discoverProvider(context, provider);
    if (authorization_endpoint === undefined) throw new Error("The provider names no page to log in on");
    return authorizationUrl(provider, authorization_endpoint, {
      ...secrets,
      state,
      redirect_uri: redirectUri,
    });
  });
  const stateHash = hashOneTimeToken(state);
  const createdAt = context.now();
  const expiresAt = later(createdAt, LIMITS.authorization);
  await context.db.insert(authorizations).values({
    stateHash,
    flowHash: hashOneTimeToken(flow),
    provider: provider.id,
    userId,
    redirectUri,
    sealedSecrets: await seal(context.env.DATA_KEYS, JSON.stringify(secrets), {
      purpose: AUTHORIZATION_PURPOSE,
      rowId: stateHash,
    }),
    createdAt,
    expiresAt,
  });
  return { url, flow, expiresAt: expiresAt.toISOString() };
}
