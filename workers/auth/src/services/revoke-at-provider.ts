import type { Context } from "@souk/kit/context";
import { unseal } from "@souk/kit/envelope";
import { processRevocationResponse, revocationRequest } from "oauth4webapi";
import type { Env } from "../env.ts";
import { authenticationOf, callOptions, clientOf } from "./call-provider.ts";
import { discoverProvider } from "./discover-provider.ts";
import { findProvider } from "./find-provider.ts";
import { REFRESH_PURPOSE, refreshRow } from "./prove-identity.ts";

/**
 * Has a provider revoke a refresh token (RFC 7009), if it can: what the person allowed us there ends too.
 * @throws Error when it fails; AppError not_found when the provider is configured no more
 */
export async function revokeAtProvider(
  context: Context<Env>,
  providerId: string,
  { subject, sealedRefreshToken }: { subject: string; sealedRefreshToken: string },
): Promise<void> {
  const provider = findProvider(context, providerId);
  const metadata = await discoverProvider(context, provider);
  if (metadata.revocation_endpoint === undefined) return;
  const place = { purpose: REFRESH_PURPOSE, rowId: refreshRow(providerId, subject) };
  const token = await unseal(context.env.DATA_KEYS, sealedRefreshToken, place);
  const authentication = authenticationOf(provider);
  await processRevocationResponse(
    await revocationRequest(
      metadata,
      clientOf(provider),
      authentication,
      token,
      callOptions(context, provider),
    ),
  );
}
