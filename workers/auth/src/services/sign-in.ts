import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { Env } from "../env.ts";
import type { SignIn } from "../provider-schemas.ts";
import type { SecondFactorChallenge } from "../second-factor-schemas.ts";
import type { Device, Tokens } from "../session-schemas.ts";
import { accountBanned, isBanned } from "./account-banned.ts";
import { adoptAccount } from "./adopt-account.ts";
import { findProvider } from "./find-provider.ts";
import { findSignedIn, type SignedIn } from "./find-signed-in.ts";
import { issueFirstTokens } from "./issue-first-tokens.ts";
import { joinByAddress } from "./join-by-address.ts";
import { openChallenge } from "./open-challenge.ts";
import { openSession } from "./open-session.ts";
import { proveIdentity, type ProvedIdentity } from "./prove-identity.ts";
import { registerIdentity } from "./register-identity.ts";
import { trustDevice } from "./trust-device.ts";
import { invalidAuthorization } from "./with-provider.ts";

/** Of several who do the same at once each finds what another did when it looks again. */
const LOOKS = 3;

/** The account that the identity is linked to; by the first sign-in, if need be. */
async function accountOf(
  context: Context<Env>,
  identity: ProvedIdentity,
  deviceToken: string | undefined,
): Promise<SignedIn> {
  for (let look = 0; look < LOOKS; look++) {
    const person = await findSignedIn(context, identity, deviceToken);
    if (person !== null && isBanned(person, context.now())) throw accountBanned(person);
    if (person?.linked) return person;
    if (person === null) await registerIdentity(context, identity);
    else if (person.user.status === "pending") await adoptAccount(context, identity, person.user.id);
    else await joinByAddress(context, identity, person.user.id, person.secondFactor);
  }
  throw new AppError("conflict", "The account was changed elsewhere at the same time, or is being erased.");
}

/**
 * Logs a person in who comes back from a provider, as `logIn` does once the password was right: second factor, trusted devices, bans and
 * accounts that sleep are the same. Who comes for the first time gets an account, or the one of their address.
 * @throws AppError not_found: no such provider; invalid_authorization; email_not_verified when the provider does not vouch for the
 * address; account_banned; conflict: the account of the address is to be logged in to otherwise; unavailable when the provider fails
 */
export async function signIn(
  context: Context<Env>,
  providerId: string,
  input: SignIn,
  device: Device,
): Promise<Tokens | SecondFactorChallenge> {
  const identity = await proveIdentity(context, findProvider(context, providerId), input, null);
  const { user, passwordVersion, secondFactor, deviceId } = await accountOf(
    context,
    identity,
    input.deviceToken,
  );
  const proved = { userId: user.id, role: user.role, passwordVersion, newHash: null };
  if (secondFactor && deviceId === null) {
    const challenge = await openChallenge(context, proved);
    if (challenge === null) throw invalidAuthorization();
    return challenge;
  }
  const proof = deviceId === null ? undefined : trustDevice(context, deviceId, device);
  const sessionId = await openSession(context, { ...proved, device, proof });
  // The account was banned, changed or erased meanwhile, or the device is trusted no more.
  if (sessionId === null) throw invalidAuthorization();
  return issueFirstTokens(context, user, sessionId, null);
}
