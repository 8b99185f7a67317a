import { verifyAuthenticationResponse } from "@simplewebauthn/server";
import { isoBase64URL } from "@simplewebauthn/server/helpers";
import { users } from "@souk/db/schema/auth";
import { passkeyChallenges, passkeys } from "@souk/db/schema/auth-passkeys";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { AuthenticationResponse, PasskeySignIn } from "../passkey-schemas.ts";
import { Account } from "../schemas.ts";
import type { TokensWithDevice } from "../second-factor-schemas.ts";
import type { Device } from "../session-schemas.ts";
import { accountBanned, isBanned } from "./account-banned.ts";
import { accountJson } from "./account-json.ts";
import { knownBucket, newDeviceToken } from "./device-token.ts";
import { issueFirstTokens } from "./issue-first-tokens.ts";
import { openSession } from "./open-session.ts";
import { requirePasskeys } from "./require-passkeys.ts";
import { StoredMoment } from "./stored-moment.ts";
import { challengeOf, invalidPasskey, withPasskey } from "./with-passkey.ts";

const Row = z.object({
  id: z.uuid(),
  publicKey: z.string(),
  counter: z.coerce.number(),
  user: Account,
  passwordVersion: z.int(),
  bannedAt: StoredMoment.nullable(),
  banReason: z.string().nullable(),
  banExpiresAt: StoredMoment.nullable(),
});

/** Spends a challenge, of which of many at once one gets it, and finds the passkey by both of its names: the credential's and the person's. */
async function findPasskey(
  context: Context<Env>,
  hash: string,
  { id, response }: AuthenticationResponse,
): Promise<z.infer<typeof Row>> {
  const { rows } = await context.db.execute(sql`
    WITH spent AS (
      DELETE FROM ${passkeyChallenges} WHERE hash = ${hash} AND user_id IS NULL AND expires_at > ${context.now().toISOString()}::timestamptz
      RETURNING hash
    )
    SELECT passkey.id, passkey.public_key AS "publicKey", passkey.counter, ${accountJson} AS user, person.password_version AS "passwordVersion",
      to_jsonb(person.banned_at) AS "bannedAt", person.ban_reason AS "banReason", to_jsonb(person.ban_expires_at) AS "banExpiresAt"
    FROM ${passkeys} AS passkey JOIN ${users} AS person ON person.id = passkey.user_id
    WHERE passkey.credential_id = ${id} AND passkey.user_handle = ${response.userHandle ?? ""} AND EXISTS (SELECT FROM spent)`);
  const found = z.array(Row).parse(rows)[0];
  if (found === undefined) throw invalidPasskey();
  return found;
}

/**
 * Logs a person in by their passkey, as `logIn` does once the password was right: bans and accounts that sleep are the same. The
 * authenticator has asked for a finger, a face or a PIN besides, so the session has assurance level 2, and no second factor is asked for.
 * An authenticator that counts its signatures never goes back, also not of two sign-ins at once: then there are two of it.
 * @throws AppError not_found: passkeys are switched off; invalid_passkey: anything about challenge, origin, key, counter or signature is
 * not as it should be; email_not_verified and account_banned, only after the right answer
 */
export async function signInWithPasskey(
  context: Context<Env>,
  { credential, deviceToken }: PasskeySignIn,
  device: Device,
): Promise<TokensWithDevice> {
  const { rpId, origins } = requirePasskeys(context);
  const { challenge, hash } = await challengeOf(context, credential.response);
  const { id, publicKey, counter, user, passwordVersion, ...person } = await findPasskey(
    context,
    hash,
    credential,
  );
  const facts = { userId: user.id, authenticator: id };
  const { userHandle: _, ...response } = credential.response;
  const { newCounter, credentialBackedUp } = await withPasskey(context, facts, async () => {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...credential, response, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: origins,
      expectedRPID: rpId,
      credential: { id: credential.id, publicKey: isoBase64URL.toBuffer(publicKey), counter },
      requireUserVerification: true,
    });
    if (!verified) throw new Error("the signature is wrong");
    return authenticationInfo;
  });
  if (user.status === "pending")
    throw new AppError("email_not_verified", "Follow the link in the mail we sent you first.");
  if (isBanned(person, context.now())) throw accountBanned(person);
  const now = context.now();
  const bucket = knownBucket(context, deviceToken, { userId: user.id, passwordVersion });
  const used = {
    ctes: sql`used AS (
      UPDATE ${passkeys} SET counter = ${newCounter}::bigint, backed_up = ${credentialBackedUp}::boolean,
        last_used_at = ${now.toISOString()}::timestamptz, updated_at = ${now.toISOString()}::timestamptz
      WHERE id = ${id}::uuid AND (counter < ${newCounter}::bigint OR counter = 0 AND ${newCounter}::bigint = 0)
      RETURNING id
    ),`,
    holds: sql`EXISTS (SELECT FROM used)`,
  };
  const proved = { userId: user.id, role: user.role, passwordVersion, newHash: null };
  const sessionId = await openSession(context, {
    ...proved,
    device,
    proof: used,
    bucket,
    secondFactorAt: now,
    way: { method: "passkey" },
  });
  // The account was banned, changed or erased meanwhile, or the passkey removed or used with a later count.
  if (sessionId === null) throw invalidPasskey();
  const tokens = await issueFirstTokens(context, user, sessionId, now);
  if (bucket !== null) return tokens;
  return { ...tokens, deviceToken: newDeviceToken(context, { userId: user.id, passwordVersion }) };
}
