import type { Context } from "@souk/kit/context";
import { seal } from "@souk/kit/envelope";
import { AppError } from "@souk/kit/errors";
import {
  authorizationCodeGrantRequest,
  expectNoNonce,
  getValidatedIdTokenClaims,
  nopkce,
  processAuthorizationCodeResponse,
  processUserInfoResponse,
  userInfoRequest,
  validateApplicationLevelSignature,
  validateAuthResponse,
  type AuthorizationServer,
  type TokenEndpointResponse,
} from "oauth4webapi";
import { z } from "zod";
import type { Env } from "../env.ts";
import { authenticationOf, callOptions, clientOf } from "./call-provider.ts";
import { discoverProvider } from "./discover-provider.ts";
import type { Provider } from "./find-provider.ts";
import { nameOf } from "./name-of-claims.ts";
import { spendAuthorization } from "./spend-authorization.ts";
import { invalidAuthorization, withProvider } from "./with-provider.ts";

/** What the refresh tokens of providers are sealed for, in the row of a provider and a subject. */
export const REFRESH_PURPOSE = "auth.identities.sealed_refresh_token";
export const refreshRow = (provider: string, subject: string): string => JSON.stringify([provider, subject]);

/** The claims that are looked at. LinkedIn writes the truth as a text. */
const Claims = z.object({
  sub: z.string().regex(/^[\x20-\x7e]{1,255}$/),
  email: z.string().trim().toLowerCase().max(254).check(z.email()).optional().catch(undefined),
  email_verified: z
    .literal([true, "true"])
    .transform(() => true as const)
    .optional()
    .catch(undefined),
  name: z.string().optional().catch(undefined),
  given_name: z.string().optional().catch(undefined),
  family_name: z.string().optional().catch(undefined),
});
type Claims = z.infer<typeof Claims>;

/** Somebody whom a provider vouches for, whose address it has verified. */
export interface ProvedIdentity {
  provider: Provider;
  subject: string;
  email: string;
  firstName: string;
  lastName: string;
  sealedRefreshToken: string | null;
}

/** What the browser brought back, and the flow that began it. */
interface Answer {
  code: string;
  state: string;
  iss?: string | undefined;
  flow: string;
}

/** Exchanges a code; the ID token's issuer, audience, times, nonce, algorithm and signature are right. */
async function exchange(
  context: Context<Env>,
  metadata: AuthorizationServer,
  provider: Provider,
  answer: Answer,
  { verifier, nonce, redirectUri }: Awaited<ReturnType<typeof spendAuthorization>>,
): Promise<TokenEndpointResponse> {
  const client = clientOf(provider);
  const { lacks } = provider;
  const { code, state, iss } = answer;
  const parameters = validateAuthResponse(
    metadata,
    client,
    new URLSearchParams({ code, state, ...(iss !== undefined && { iss }) }),
    state,
  );
  const response = await authorizationCodeGrantRequest(
    metadata,
    client,
    authenticationOf(provider),
    parameters,
    redirectUri,
    lacks.includes("pkce") ? nopkce : verifier,
    callOptions(context, provider),
  );
  const tokens = await processAuthorizationCodeResponse(metadata, client, response, {
    expectedNonce: lacks.includes("nonce") ? expectNoNonce : nonce,
    requireIdToken: true,
  });
  await validateApplicationLevelSignature(metadata, response, callOptions(context, provider));
  return tokens;
}

/** The ID token's claims; where it has no address, with those that the provider tells besides. */
async function claimsOf(
  context: Context<Env>,
  metadata: AuthorizationServer,
  provider: Provider,
  tokens: TokenEndpointResponse,
): Promise<Claims> {
  const claims = Claims.safeParse(getValidatedIdTokenClaims(tokens));
  if (!claims.success) throw invalidAuthorization(claims.error);
  if (claims.data.email !== undefined || metadata.userinfo_endpoint === undefined) return claims.data;
  const client = clientOf(provider);
  const response = await userInfoRequest(
    metadata,
    client,
    tokens.access_token,
    callOptions(context, provider),
  );
  const more = Claims.safeParse(await processUserInfoResponse(metadata, client, claims.data.sub, response));
  if (!more.success) throw invalidAuthorization(more.error);
  return { ...claims.data, ...more.data };
}

/**
 * Ends a sign-in with a provider: who it is that comes back with a code.
 * @param userId who links an identity; null for a log-in
 * @throws AppError invalid_authorization: anything about state, flow, code or ID token is not as it should be; email_not_verified when the
 * provider does not vouch for an address; unavailable when it fails
 */
export async function proveIdentity(
  context: Context<Env>,
  provider: Provider,
  answer: Answer,
  userId: string | null,
): Promise<ProvedIdentity> {
  const metadata = await withProvider(context, provider, () => discoverProvider(context, provider));
  const secrets = await spendAuthorization(context, provider, answer, userId);
  const { claims, refreshToken } = await withProvider(context, provider, async () => {
    const tokens = await exchange(context, metadata, provider, answer, secrets);
    return {
      claims: await claimsOf(context, metadata, provider, tokens),
      refreshToken: tokens.refresh_token,
    };
  });
  const { sub: subject, email } = claims;
  if (email === undefined || claims.email_verified !== true)
    throw new AppError(
      "email_not_verified",
      `${provider.name} does not vouch for your address. Verify it there.`,
    );
  const place = { purpose: REFRESH_PURPOSE, rowId: refreshRow(provider.id, subject) };
  return {
    provider,
    subject,
    email,
    ...nameOf({ ...claims, email }),
    sealedRefreshToken:
      refreshToken === undefined ? null : await seal(context.env.DATA_KEYS, refreshToken, place),
  };
}
