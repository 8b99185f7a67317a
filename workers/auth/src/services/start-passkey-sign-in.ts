import { passkeyChallenges } from "@souk/db/schema/auth-passkeys";
import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { PasskeyChallenge } from "../passkey-schemas.ts";
import { hashOneTimeToken, newOneTimeToken } from "./one-time-token.ts";
import { requirePasskeys } from "./require-passkeys.ts";

/**
 * Begins a sign-in with a passkey. It names nobody: the authenticator offers the passkeys that it has, so nothing about an account is told.
 * @throws AppError not_found: passkeys are switched off
 */
export async function startPasskeySignIn(context: Context<Env>): Promise<PasskeyChallenge> {
  const { rpId } = requirePasskeys(context);
  const challenge = newOneTimeToken();
  const createdAt = context.now();
  const expiresAt = later(createdAt, LIMITS.passkeyChallenge);
  await context.db
    .insert(passkeyChallenges)
    .values({ hash: hashOneTimeToken(challenge), createdAt, expiresAt });
  return {
    options: { challenge, timeout: LIMITS.passkeyChallenge * 1000, rpId, userVerification: "required" },
    expiresAt: expiresAt.toISOString(),
  };
}
