import { accountAttempts, addressAttempts } from "@souk/db/schema/auth-attempts";
import { apiKeys } from "@souk/db/schema/auth-api-keys";
import { loginChallenges, trustedDevices } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { lt } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";

/** Deletes what no limit and no log-in looks at any more: old attempts, expired challenges and trusted devices, API keys that ended long ago. */
export async function sweepExpired(context: Context<Env>): Promise<void> {
  const { db } = context;
  const now = context.now();
  await db.batch([
    db.delete(addressAttempts).where(lt(addressAttempts.lastAt, later(now, -LIMITS.addressWindow))),
    db.delete(accountAttempts).where(lt(accountAttempts.lastAt, later(now, -LIMITS.failures.forgotten))),
    db.delete(loginChallenges).where(lt(loginChallenges.expiresAt, now)),
    db.delete(trustedDevices).where(lt(trustedDevices.expiresAt, now)),
    db.delete(apiKeys).where(lt(apiKeys.revokedAt, later(now, -LIMITS.apiKeyKept))),
    db.delete(apiKeys).where(lt(apiKeys.expiresAt, later(now, -LIMITS.apiKeyKept))),
  ]);
}
