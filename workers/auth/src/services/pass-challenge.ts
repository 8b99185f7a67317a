import { loginChallenges, totpFactors, trustedDevices } from "@souk/db/schema/auth-second-factor";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import { Account } from "../schemas.ts";
import { type Device } from "../session-schemas.ts";
import { type SecondFactorProof, type TokensWithDevice } from "../second-factor-schemas.ts";
import { SignInWay } from "../security-event-schemas.ts";
import { accountHolds } from "./account-holds.ts";
import { accountJson } from "./account-json.ts";
import { accountKey, allowAccount } from "./allow-account.ts";
import { issueFirstTokens } from "./issue-first-tokens.ts";
import { lockAccount } from "./lock-account.ts";
import { newDeviceToken } from "./device-token.ts";
import { noteFailure } from "./note-failure.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { hashOneTimeToken } from "./one-time-token.ts";
import { openSession } from "./open-session.ts";
import { Factor, factorJson, proveFactor } from "./prove-factor.ts";
import { tooManyAttempts } from "./too-many-attempts.ts";

const Row = z.object({
  id: z.uuid(),
  passwordVersion: z.int(),
  user: Account,
  factor: Factor,
  way: SignInWay,
  bucket: z.string().nullable(),
  failures: z.int().nullable(),
  failureId: z.uuid().nullable(),
  wait: z.int().nullable(),
});

/**
 * Counts a try of a challenge, and of its account; no more than five are looked at, also of many at once. The challenge of an account that
 * could have no session is void.
 */
async function tryChallenge(
  context: Context<Env>,
  challenge: string,
  device: Device,
): Promise<z.infer<typeof Row>> {
  const bucket = sql`coalesce((SELECT bucket FROM challenge), ${accountKey(sql`person.email`)})`;
  const account = allowAccount(context, bucket, sql`person`);
  const { rows } = await context.db.execute(sql`
    WITH challenge AS (
      UPDATE ${loginChallenges} SET tries = tries + 1
      WHERE hash = ${hashOneTimeToken(challenge)} AND tries < ${LIMITS.challengeTries}::int
        AND expires_at > ${context.now().toISOString()}::timestamptz
      RETURNING id, user_id, password_version, way, bucket
    ), person AS (
      SELECT person.* FROM ${users} AS person JOIN challenge ON challenge.user_id = person.id
      WHERE ${accountHolds(sql`challenge.password_version`, context.now())}
    ), account AS (${account.allowed}), allowed AS (
      SELECT id FROM person, account
    ), failure AS (${noteFailure(context, "second_factor.failed", sql`allowed`, device)})
    SELECT challenge.id, challenge.way, (SELECT id FROM failure) AS "failureId", challenge.password_version AS "passwordVersion", ${factorJson} AS factor,
      ${accountJson} AS user, challenge.bucket, (SELECT failures FROM account) AS failures, ${account.wait} AS wait
    FROM challenge JOIN person ON person.id = challenge.user_id JOIN ${totpFactors} AS factor ON factor.user_id = person.id
    WHERE factor.confirmed_at IS NOT NULL`);
  const row = Row.safeParse(rows[0]).data;
  if (row === undefined)
    throw new AppError(
      "invalid_challenge",
      "The challenge is unknown, used, expired, void or had too many tries. Log in again.",
    );
  return row;
}

/**
 * The second half of a log-in: opens the session that the challenge is for. The code and the challenge are spent with it, in one statement.
 * @throws AppError invalid_challenge; invalid_code, also when the code was used before; too_many_requests
 */
export async function passChallenge(
  context: Context<Env>,
  input: SecondFactorProof,
  device: Device,
): Promise<TokensWithDevice> {
  const { id, passwordVersion, user, factor, way, bucket, failures, failureId, wait } = await tryChallenge(
    context,
    input.challenge,
    device,
  );
  if (failures === null) throw tooManyAttempts(wait);
  const now = context.now();
  // What refuses the session at this moment, a ban or a new password, leaves the code unspent.
  const proved = await proveFactor(
    context,
    factor,
    input.code,
    sql`SELECT id FROM ${users} AS person WHERE person.id = (SELECT user_id FROM factor) AND person.role = ${user.role}
      AND ${accountHolds(sql`${passwordVersion}::int`, now)} FOR NO KEY UPDATE`,
  );
  const deviceToken = newDeviceToken(context, { userId: user.id, passwordVersion });
  const trusted = !input.trustDevice
    ? sql``
    : sql`trusted AS (
          INSERT INTO ${trustedDevices} (id, user_id, hash, password_version, user_agent, ip, created_at, last_used_at, expires_at)
          SELECT ${context.newId()}::uuid, user_id, ${hashOneTimeToken(deviceToken)}, ${passwordVersion}::int, ${device.userAgent}, ${device.ip},
            ${now.toISOString()}::timestamptz, ${now.toISOString()}::timestamptz, ${later(now, LIMITS.trustedDevice).toISOString()}::timestamptz
          FROM spent RETURNING user_id
        ), trusted_noted AS (${noteSecurityEvent(context, "trusted_device.added", { from: sql`trusted`, userId: sql`user_id`, device })}),`;
  const proof = {
    ctes: sql`${proved}, spent AS (
      DELETE FROM ${loginChallenges} AS challenge USING proved
      WHERE challenge.id = ${id}::uuid AND challenge.user_id = proved.user_id RETURNING challenge.user_id
    ), ${trusted}`,
    holds: sql`EXISTS (SELECT FROM spent)`,
  };
  const opening = {
    userId: user.id,
    role: user.role,
    passwordVersion,
    newHash: null,
    way,
    failureId,
    device,
    bucket,
    proof,
    secondFactorAt: now,
  };
  const sessionId = await openSession(context, opening);
  if (sessionId === null) {
    if (bucket === null) await lockAccount(context, user.email, failures);
    throw new AppError("invalid_code", "The code is wrong, too old or was used before.");
  }
  const tokens = await issueFirstTokens(context, user, sessionId, now);
  return bucket === null || input.trustDevice ? { ...tokens, deviceToken } : tokens;
}
