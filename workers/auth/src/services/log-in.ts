import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { Env } from "../env.ts";
import type { Credentials, Device, Tokens } from "../session-schemas.ts";
import type { SecondFactorChallenge } from "../second-factor-schemas.ts";
import { findLogIn } from "./find-log-in.ts";
import { forgetFailures } from "./forget-failures.ts";
import { hashPassword } from "./hash-password.ts";
import { issueFirstTokens } from "./issue-first-tokens.ts";
import { lockAccount } from "./lock-account.ts";
import { openChallenge } from "./open-challenge.ts";
import { openSession } from "./open-session.ts";
import { accountBanned, isBanned } from "./account-banned.ts";
import { trustDevice } from "./trust-device.ts";
import { verifyPassword } from "./verify-password.ts";

const refused = () => new AppError("invalid_credentials", "The address or the password is wrong.");

/**
 * Logs a person in: a new session, its access token and first refresh token. With a second factor, on a device that is not trusted, a
 * challenge instead, and no session. An outdated password hash is renewed on the way. With the session a deactivated account is active
 * again, and one that was to be deleted stays.
 * @throws AppError invalid_credentials, after the same work for unknown addresses; email_not_verified and account_banned, only after the right password;
 * too_many_requests
 */
export async function logIn(
  context: Context<Env>,
  input: Credentials,
  device: Device,
): Promise<Tokens | SecondFactorChallenge> {
  const { person, failures } = await findLogIn(context, input, device.ip);
  const { matches, outdated } = await verifyPassword(input.password, person?.passwordHash ?? null);
  if (person === null || !matches) {
    await lockAccount(context, input.email, failures);
    throw refused();
  }
  const { user, passwordVersion, secondFactor, deviceId } = person;
  if (user.status === "pending") {
    await forgetFailures(context, input.email);
    throw new AppError("email_not_verified", "Follow the link in the mail we sent you first.");
  }
  if (isBanned(person, context.now())) {
    await forgetFailures(context, input.email);
    throw accountBanned(person);
  }
  const newHash = outdated ? await hashPassword(input.password) : null;
  const proved = { userId: user.id, role: user.role, passwordVersion, newHash };
  if (secondFactor && deviceId === null) {
    const challenge = await openChallenge(context, proved);
    if (challenge === null) throw refused();
    return challenge;
  }
  const proof = deviceId === null ? undefined : trustDevice(context, deviceId, device);
  const sessionId = await openSession(context, { ...proved, device, proof });
  // The password was changed, or the account banned or past the way back, while it was being compared, or the device is trusted no more.
  if (sessionId === null) throw refused();
  return issueFirstTokens(context, user, sessionId, null);
}
