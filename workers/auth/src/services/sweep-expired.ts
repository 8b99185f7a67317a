import { accountAttempts, addressAttempts } from "@souk/db/schema/auth-attempts";
import { apiKeys } from "@souk/db/schema/auth-api-keys";
import { loginChallenges, trustedDevices } from "@souk/db/schema/auth-second-factor";
import { securityEvents } from "@souk/db/schema/auth-security-events";
import { mailSignIns } from "@souk/db/schema/auth-mail-sign-ins";
import { authorizations } from "@souk/db/schema/auth-identities";
import { passkeyChallenges } from "@souk/db/schema/auth-passkeys";
import { sessions, tokens } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { prune } from "@souk/kit/prune";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";

/** Deletes what no limit, no link and no log-in looks at any more: old attempts; expired challenges (also of passkeys), authorizations, sign-ins by mail, trusted devices, links and sessions; API keys that ended and security events that happened long ago. */
export async function sweepExpired(context: Context<Env>): Promise<void> {
  const now = context.now();
  await prune(context, addressAttempts, addressAttempts.lastAt, later(now, -LIMITS.addressWindow));
  await prune(context, accountAttempts, accountAttempts.lastAt, later(now, -LIMITS.failures.forgotten));
  await prune(context, loginChallenges, loginChallenges.expiresAt, now);
  await prune(context, authorizations, authorizations.expiresAt, now);
  await prune(context, passkeyChallenges, passkeyChallenges.expiresAt, now);
  await prune(context, mailSignIns, mailSignIns.expiresAt, now);
  await prune(context, trustedDevices, trustedDevices.expiresAt, now);
  await prune(context, tokens, tokens.expiresAt, now);
  await prune(context, sessions, sessions.expiresAt, later(now, -LIMITS.sessionKept));
  await prune(context, securityEvents, securityEvents.id, later(now, -LIMITS.securityEvent));
  await prune(context, apiKeys, apiKeys.revokedAt, later(now, -LIMITS.apiKeyKept));
  await prune(context, apiKeys, apiKeys.expiresAt, later(now, -LIMITS.apiKeyKept));
}
