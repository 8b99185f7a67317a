import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Credentials, Device } from "../session-schemas.ts";
import type { SecondFactorChallenge, TokensWithDevice } from "../second-factor-schemas.ts";
import { findLogIn } from "./find-log-in.ts";
import { finishLogIn } from "./finish-log-in.ts";
import { forgetFailures } from "./forget-failures.ts";
import { hashPassword } from "./hash-password.ts";
import { lockAccount } from "./lock-account.ts";
import { accountBanned, isBanned } from "./account-banned.ts";
import { trustDevice } from "./trust-device.ts";
import { verifyPassword } from "./verify-password.ts";

const refused = () => new AppError("invalid_credentials", "The address or the password is wrong.");

/**
 * Logs a person in: a new session, its access token and first refresh token. With a second factor, on a device that is not trusted, a
 * challenge instead, and no session. An outdated password hash is renewed on the way. With the session a deactivated account is active
 * again, and one that was to be deleted stays. A device that shows no token of this account gets one.
 * @throws AppError invalid_credentials, after the same work for unknown addresses; email_not_verified and account_banned, only after the right password;
 * too_many_requests
 */
export async function logIn(
  context: Context<Env>,
  input: Credentials,
  device: Device,
): Promise<TokensWithDevice | SecondFactorChallenge> {
  const { person, failures, failureId, bucket, known } = await findLogIn(context, input, device);
  const { matches, outdated } = await verifyPassword(input.password, person?.passwordHash ?? null);
  if (person === null || !matches) {
    if (!known) await lockAccount(context, input.email, failures);
    throw refused();
  }
  const { user, deviceId } = person;
  if (user.status === "pending") {
    await forgetFailures(context, sql`${bucket}`, failureId);
    throw new AppError("email_not_verified", "Follow the link in the mail we sent you first.");
  }
  if (isBanned(person, context.now())) {
    await forgetFailures(context, sql`${bucket}`, failureId);
    throw accountBanned(person);
  }
  const newHash = outdated ? await hashPassword(input.password) : null;
  const opened = await finishLogIn(
    context,
    {
      ...person,
      newHash,
      failureId,
      way: { method: "password" },
      bucket: known ? bucket : null,
      proof: deviceId === null ? undefined : trustDevice(context, deviceId, device),
    },
    device,
  );
  // The password was changed, or the account banned or past the way back, while it was being compared, or the device is trusted no more.
  if (opened === null) throw refused();
  return opened;
}
