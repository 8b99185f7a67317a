import { mailSignIns } from "@souk/db/schema/auth-mail-sign-ins";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { MailSignInProof } from "../mail-sign-in-schemas.ts";
import type { SecondFactorChallenge, TokensWithDevice } from "../second-factor-schemas.ts";
import type { Device } from "../session-schemas.ts";
import { accountBanned, isBanned } from "./account-banned.ts";
import { accountHolds } from "./account-holds.ts";
import { adoptByMail } from "./adopt-by-mail.ts";
import { finishLogIn } from "./finish-log-in.ts";
import { forgetFailures } from "./forget-failures.ts";
import { lockAccount } from "./lock-account.ts";
import { isOfMail } from "./mail-sign-in-secrets.ts";
import type { Proof } from "./open-session.ts";
import { trustDevice } from "./trust-device.ts";
import { mailSignInOver, tryMailSignIn } from "./try-mail-sign-in.ts";

/** Compared with where nothing was mailed, so that the answer takes as long. */
const NO_MAIL = "00000000-0000-0000-0000-000000000000";

/**
 * Logs a person in by what was mailed to them, as `logIn` does once the password was right: second factor, devices, bans and accounts that
 * sleep are the same. A pending account becomes verified and loses its password. What is opened voids the person's other sign-ins by mail.
 * @throws AppError invalid_challenge: the flow is unknown, used, expired or had five tries; invalid_code; account_banned, only after the right
 * code; too_many_requests
 */
export async function signInByMail(
  context: Context<Env>,
  input: MailSignInProof,
  device: Device,
): Promise<TokensWithDevice | SecondFactorChallenge> {
  const { id, mailId, person, bucket, known, failures, failureId } = await tryMailSignIn(
    context,
    input,
    device,
  );
  const given = input.token === undefined ? { code: input.code ?? "" } : { token: input.token };
  const right = isOfMail(context, mailId ?? NO_MAIL, given) && mailId !== null;
  if (person === null || !right) {
    if (!known) await lockAccount(context, person?.user.email ?? "", failures);
    throw new AppError("invalid_code", "The code or the link is not of this sign-in.");
  }
  const { user, deviceId } = person;
  if (isBanned(person, context.now())) {
    await forgetFailures(context, sql`${bucket}`, failureId);
    throw accountBanned(person);
  }
  const passwordVersion =
    user.status === "pending" ? await adoptByMail(context, id, user) : person.passwordVersion;
  if (passwordVersion === null) throw mailSignInOver();
  const trusted = deviceId === null ? null : trustDevice(context, deviceId, device);
  // The account is locked before the sign-ins, and a device before it; of many who have the same code one finds them.
  const proof: Proof = {
    ctes: sql`${trusted?.ctes ?? sql``} holder AS (
      SELECT id FROM ${users} AS person WHERE person.id = ${user.id}::uuid AND person.email = ${user.email}
        AND ${accountHolds(sql`${passwordVersion}::int`, context.now())} AND ${trusted?.holds ?? sql`true`} FOR NO KEY UPDATE
    ), spent AS (
      DELETE FROM ${mailSignIns} AS begun USING holder WHERE begun.user_id = holder.id RETURNING begun.id
    ),`,
    holds: sql`EXISTS (SELECT FROM spent WHERE id = ${id}::uuid)`,
  };
  const opened = await finishLogIn(
    context,
    {
      ...person,
      passwordVersion,
      newHash: null,
      failureId,
      way: { method: "mail" },
      bucket: known ? bucket : null,
      proof,
    },
    device,
  );
  // Another was faster, or the account was banned, changed or erased meanwhile, or the device is trusted no more.
  if (opened === null) throw mailSignInOver();
  return opened;
}
