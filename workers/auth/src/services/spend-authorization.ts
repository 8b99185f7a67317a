import { authorizations } from "@souk/db/schema/auth-identities";
import type { Context } from "@souk/kit/context";
import { unseal } from "@souk/kit/envelope";
import { and, eq, gt, isNull } from "drizzle-orm";
import type { z } from "zod";
import type { Env } from "../env.ts";
import type { Provider } from "./find-provider.ts";
import { hashOneTimeToken } from "./one-time-token.ts";
import { AUTHORIZATION_PURPOSE, AuthorizationSecrets } from "./start-authorization.ts";
import { invalidAuthorization } from "./with-provider.ts";

/**
 * Spends what `startAuthorization` kept, by state and flow together: of many at once one gets it. Whoever has only the state takes
 * nothing away.
 * @param userId who links an identity; null for a log-in
 * @throws AppError invalid_authorization
 */
export async function spendAuthorization(
  context: Context<Env>,
  provider: Provider,
  { state, flow }: { state: string; flow: string },
  userId: string | null,
): Promise<z.infer<typeof AuthorizationSecrets> & { redirectUri: string }> {
  const stateHash = hashOneTimeToken(state);
  const [row] = await context.db
    .delete(authorizations)
    .where(
      and(
        eq(authorizations.stateHash, stateHash),
        eq(authorizations.flowHash, hashOneTimeToken(flow)),
        eq(authorizations.provider, provider.id),
        userId === null ? isNull(authorizations.userId) : eq(authorizations.userId, userId),
        gt(authorizations.expiresAt, context.now()),
      ),
    )
    .returning({ sealedSecrets: authorizations.sealedSecrets, redirectUri: authorizations.redirectUri });
  if (row === undefined) throw invalidAuthorization();
  const place = { purpose: AUTHORIZATION_PURPOSE, rowId: stateHash };
  const secrets = await unseal(context.env.DATA_KEYS, row.sealedSecrets, place);
  return { ...AuthorizationSecrets.parse(JSON.parse(secrets)), redirectUri: row.redirectUri };
}
