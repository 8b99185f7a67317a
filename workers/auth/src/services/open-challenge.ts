import { loginChallenges } from "@souk/db/schema/auth-second-factor";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { SecondFactorChallenge } from "../second-factor-schemas.ts";
import type { SignInWay } from "../security-event-schemas.ts";
import { takeFailureBack } from "./note-failure.ts";
import type { Proof } from "./open-session.ts";
import { hashOneTimeToken, newOneTimeToken } from "./one-time-token.ts";

interface Proved {
  userId: string;
  /** The version of the password that was proved. */
  passwordVersion: number;
  /** A new hash of the same password, or null to keep the stored one. */
  newHash: string | null;
  way: SignInWay;
  /** The attempt in the security log, which has not failed so far. */
  failureId: string | null;
  /** The known device that the tries of a code are counted for; null: the account. */
  bucket: string | null;
  proof?: Proof | undefined;
}

/**
 * Keeps a log-in whose password was right until its second factor comes: no session is opened yet.
 * @returns null when the password is no longer the one that was proved, the account is being erased, or the other proof fails
 */
export async function openChallenge(
  context: Context<Env>,
  { userId, passwordVersion, newHash, way, failureId, bucket, proof }: Proved,
): Promise<SecondFactorChallenge | null> {
  const challenge = newOneTimeToken();
  const now = context.now();
  const expiresAt = later(now, LIMITS.challenge).toISOString();
  const proved = sql`id = ${userId}::uuid AND password_version = ${passwordVersion}::int AND status IN ('active', 'deactivated', 'deleting')
    AND ${proof?.holds ?? sql`true`}`;
  const person =
    newHash === null
      ? sql`SELECT id FROM ${users} WHERE ${proved} FOR SHARE`
      : sql`UPDATE ${users} SET password_hash = ${newHash}, updated_at = ${now.toISOString()}::timestamptz WHERE ${proved} RETURNING id`;
  const { rows } = await context.db.execute(sql`
    WITH ${proof?.ctes ?? sql``} person AS (${person}), taken_back AS (${takeFailureBack(failureId, sql`person`)})
    INSERT INTO ${loginChallenges} (id, user_id, hash, password_version, way, bucket, created_at, expires_at)
    SELECT ${context.newId()}::uuid, id, ${hashOneTimeToken(challenge)}, ${passwordVersion}::int, ${JSON.stringify(way)}::jsonb, ${bucket}::text,
      ${now.toISOString()}::timestamptz, ${expiresAt}::timestamptz
    FROM person RETURNING id`);
  return rows.length === 0 ? null : { challenge, expiresAt, methods: ["totp", "recovery_code"] };
}
