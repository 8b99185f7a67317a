import { passkeyChallenges, passkeys } from "@souk/db/schema/auth-passkeys";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { PasskeyRegistration } from "../passkey-schemas.ts";
import type { PasswordProof } from "../schemas.ts";
import { hashOneTimeToken, newOneTimeToken } from "./one-time-token.ts";
import { provePassword } from "./prove-password.ts";
import { requirePasskeys } from "./require-passkeys.ts";

/** EdDSA, ES256 and RS256, which every runtime and nearly every authenticator knows. */
export const PASSKEY_ALGORITHMS = [-8, -7, -257];

/** What a person's tenth passkey leaves no room for. */
export const tooManyPasskeys = (): AppError =>
  new AppError("limit_reached", `You have ${LIMITS.passkeys} passkeys. Remove one first.`);

const Begun = z.tuple([z.object({ handle: z.string() })]);

/**
 * Begins to add a passkey to the actor's account: a new way in, so the password is asked for. An authenticator that holds one of theirs
 * makes no second one. It calls the person by a random handle, the same in all their passkeys, which says nothing to who finds it.
 * @throws AppError not_found: passkeys are switched off; unauthorized when the session has ended; validation_failed (`password`);
 * second_factor_required; fresh_login_required; too_many_requests; limit_reached
 */
export async function startPasskeyRegistration(
  context: Context<Env>,
  { password }: PasswordProof,
): Promise<PasskeyRegistration> {
  const { rpId } = requirePasskeys(context);
  const { userId, email } = await provePassword(context, password);
  const challenge = newOneTimeToken();
  const now = context.now();
  const expiresAt = later(now, LIMITS.passkeyChallenge).toISOString();
  const { db } = context;
  const [[person], known, begun] = await db.batch([
    db
      .select({ firstName: users.firstName, lastName: users.lastName })
      .from(users)
      .where(eq(users.id, userId)),
    db
      .select({ id: passkeys.credentialId, transports: passkeys.transports })
      .from(passkeys)
      .where(eq(passkeys.userId, userId)),
    db.execute(sql`
      INSERT INTO ${passkeyChallenges} (hash, user_id, user_handle, created_at, expires_at)
      SELECT ${hashOneTimeToken(challenge)}, ${userId}::uuid,
        coalesce((SELECT known.user_handle FROM ${passkeys} AS known WHERE known.user_id = ${userId}::uuid ORDER BY known.slot LIMIT 1), ${newOneTimeToken()}),
        ${now.toISOString()}::timestamptz, ${expiresAt}::timestamptz
      RETURNING user_handle AS handle`),
  ]);
  if (person === undefined) throw new AppError("unauthorized", "The session has ended. Log in again.");
  if (known.length >= LIMITS.passkeys) throw tooManyPasskeys();
  const [{ handle }] = Begun.parse(begun.rows);
  return {
    options: {
      rp: { id: rpId, name: "Souk" },
      user: { id: handle, name: email, displayName: `${person.firstName} ${person.lastName}` },
      challenge,
      timeout: LIMITS.passkeyChallenge * 1000,
      pubKeyCredParams: PASSKEY_ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: known.map((one) => ({ type: "public-key", ...one })),
      authenticatorSelection: {
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
      attestation: "none",
    },
    expiresAt,
  };
}
