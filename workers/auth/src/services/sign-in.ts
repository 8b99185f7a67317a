import { identities } from "@souk/db/schema/auth-identities";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql, type SQL } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { SignIn } from "../provider-schemas.ts";
import type { SecondFactorChallenge, TokensWithDevice } from "../second-factor-schemas.ts";
import type { Device } from "../session-schemas.ts";
import { accountBanned, isBanned } from "./account-banned.ts";
import { adoptAccount } from "./adopt-account.ts";
import { knownBucket } from "./device-token.ts";
import { findProvider } from "./find-provider.ts";
import { finishLogIn } from "./finish-log-in.ts";
import { findSignedIn, type SignedIn } from "./find-signed-in.ts";
import { joinByAddress } from "./join-by-address.ts";
import { proveIdentity, type ProvedIdentity } from "./prove-identity.ts";
import { registerIdentity } from "./register-identity.ts";
import { trustDevice } from "./trust-device.ts";
import { invalidAuthorization } from "./with-provider.ts";

/** Of several who do the same at once each finds what another did when it looks again. */
const LOOKS = 3;

/** A CTE that has a row while the identity is linked, and lets nobody unlink it until the session or the challenge is there. */
const stillLinked = ({ provider, subject }: ProvedIdentity): SQL =>
  sql`linked AS (SELECT id FROM ${identities} WHERE provider = ${provider.id} AND subject = ${subject} FOR SHARE),`;

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
 * Logs a person in who comes back from a provider, as `logIn` does once the password was right: second factor, devices, bans and accounts
 * that sleep are the same. Who comes for the first time gets an account, or the one of their address.
 * @throws AppError not_found: no such provider; invalid_authorization; email_not_verified when the provider does not vouch for the
 * address; account_banned; conflict: the account of the address is to be logged in to otherwise; unavailable when the provider fails
 */
export async function signIn(
  context: Context<Env>,
  providerId: string,
  input: SignIn,
  device: Device,
): Promise<TokensWithDevice | SecondFactorChallenge> {
  const identity = await proveIdentity(context, findProvider(context, providerId), input, null);
  const person = await accountOf(context, identity, input.deviceToken);
  const { user, passwordVersion } = person;
  const bucket = knownBucket(context, input.deviceToken, { userId: user.id, passwordVersion });
  const trusted = person.deviceId === null ? null : trustDevice(context, person.deviceId, device);
  const opened = await finishLogIn(
    context,
    {
      ...person,
      newHash: null,
      failureId: null,
      way: { method: "provider", provider: identity.provider.name },
      bucket,
      proof: {
        ctes: sql`${stillLinked(identity)} ${trusted?.ctes ?? sql``}`,
        holds: sql`EXISTS (SELECT FROM linked) AND ${trusted?.holds ?? sql`true`}`,
      },
    },
    device,
  );
  // The account was banned, changed or erased meanwhile, the identity unlinked, or the device is trusted no more.
  if (opened === null) throw invalidAuthorization();
  return opened;
}
