import { verifyRegistrationResponse, type VerifiedRegistrationResponse } from "@simplewebauthn/server";
import { decodeAttestationObject, isoBase64URL } from "@simplewebauthn/server/helpers";
import { brokenConstraint } from "@souk/db/client";
import { sessions, users } from "@souk/db/schema/auth";
import { passkeyChallenges, passkeys } from "@souk/db/schema/auth-passkeys";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { and, eq, gt, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { LIMITS } from "../limits.ts";
import type { NewPasskey, Passkey, RegistrationResponse } from "../passkey-schemas.ts";
import type { Passkeys } from "../passkey-settings.ts";
import { liveSession } from "./live-session.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { passkeyView } from "./passkey-view.ts";
import { requirePasskeys } from "./require-passkeys.ts";
import { PASSKEY_ALGORITHMS, tooManyPasskeys } from "./start-passkey-registration.ts";
import { challengeOf, invalidPasskey, withPasskey } from "./with-passkey.ts";

/** Nothing is known of authenticators' makers, so none is asked to vouch for its device: what claims more than its own key is not read. */
const ATTESTATIONS = ["none", "packed"];

/** The new key, when the answer is to this challenge, of this site, and of a person whom the authenticator knew. */
async function readKey(
  { rpId, origins }: Passkeys,
  credential: RegistrationResponse,
  challenge: string,
): Promise<NonNullable<VerifiedRegistrationResponse["registrationInfo"]>> {
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(credential.response.attestationObject));
  if (!ATTESTATIONS.includes(attestation.get("fmt"))) throw new Error("an attestation that nobody asked for");
  const { registrationInfo } = await verifyRegistrationResponse({
    response: { ...credential, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: origins,
    expectedRPID: rpId,
    requireUserVerification: true,
    supportedAlgorithmIDs: PASSKEY_ALGORITHMS,
  });
  if (registrationInfo === undefined) throw new Error("the attestation is not signed with the key");
  return registrationInfo;
}

/** Spends a challenge of the actor: of many at once one gets it. @returns what the authenticator was told to call them */
async function spendChallenge(context: Context<Env>, hash: string, userId: string): Promise<string> {
  const [spent] = await context.db
    .delete(passkeyChallenges)
    .where(
      and(
        eq(passkeyChallenges.hash, hash),
        eq(passkeyChallenges.userId, userId),
        gt(passkeyChallenges.expiresAt, context.now()),
      ),
    )
    .returning({ handle: passkeyChallenges.userHandle });
  if (typeof spent?.handle !== "string") throw invalidPasskey();
  return spent.handle;
}

/**
 * Adds a passkey to the actor's account by what their authenticator answered; its owner gets a mail. Each has one of the person's places,
 * so that no number of requests at once makes more of them.
 * @throws AppError not_found: passkeys are switched off; invalid_passkey; unauthorized when the session has ended; limit_reached; conflict:
 * it is there already
 */
export async function addPasskey(context: Context<Env>, { name, credential }: NewPasskey): Promise<Passkey> {
  const settings = requirePasskeys(context);
  const { userId, sessionId } = requireActor(context);
  const { challenge, hash } = await challengeOf(context, credential.response);
  const handle = await spendChallenge(context, hash, userId);
  const info = await withPasskey(context, {}, () => readKey(settings, credential, challenge));
  const id = context.newId();
  const now = context.now();
  const at = sql`${now.toISOString()}::timestamptz`;
  const session = and(eq(sessions.id, sessionId), eq(sessions.userId, users.id), liveSession(now));
  const holds = and(
    eq(users.id, userId),
    eq(users.status, "active"),
    sql`EXISTS (SELECT FROM ${sessions} WHERE ${session})`,
  );
  const { transports } = credential.response;
  const { db } = context;
  const added = db.batch([
    db.select({ id: users.id }).from(users).where(holds).for("no key update"),
    db.execute(sql`
      WITH place AS (
        SELECT min(number) AS slot FROM generate_series(1, ${LIMITS.passkeys}::int) AS number
        WHERE NOT EXISTS (SELECT FROM ${passkeys} AS known WHERE known.user_id = ${userId}::uuid AND known.slot = number)
      ), added AS (
        INSERT INTO ${passkeys} (id, user_id, slot, name, credential_id, user_handle, public_key, counter, transports, backed_up, aaguid,
          created_at, updated_at)
        SELECT ${id}::uuid, ${users.id}, place.slot, ${name}, ${info.credential.id}, ${handle}, ${isoBase64URL.fromBuffer(info.credential.publicKey)},
          ${info.credential.counter}::bigint, ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(transports)}::jsonb)),
          ${info.credentialBackedUp}::boolean, ${info.aaguid}::uuid, ${at}, ${at}
        FROM ${users}, place WHERE ${holds} AND place.slot IS NOT NULL
        RETURNING id, user_id, name
      ), noted AS (${noteSecurityEvent(context, "passkey.added", { from: sql`added`, userId: sql`user_id`, details: sql`jsonb_build_object('name', name)` })})
      ${appendEvents(context, "passkey.added", {
        from: sql`added`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id, 'passkeyId', id)`,
      })}`),
    db.select().from(passkeys).where(eq(passkeys.id, id)),
  ]);
  const [owners, , [row]] = await added.catch((error: unknown) => {
    if (brokenConstraint(error) !== "passkeys_credential_key") throw error;
    throw new AppError("conflict", "This passkey is there already.");
  });
  if (owners.length === 0) throw new AppError("unauthorized", "The session has ended. Log in again.");
  if (row === undefined) throw tooManyPasskeys();
  return passkeyView(row);
}
