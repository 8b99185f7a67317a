import { loginChallenges } from "@souk/db/schema/auth-second-factor";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { SecondFactorChallenge } from "../second-factor-schemas.ts";
import { hashOneTimeToken, newOneTimeToken } from "./one-time-token.ts";

interface Proved {
  userId: string;
  /** The version of the password that was proved. */
  passwordVersion: number;
  /** A new hash of the same password, or null to keep the stored one. */
  newHash: string | null;
}

/**
 * Keeps a log-in whose password was right until its second factor comes: no session is opened yet.
 * @returns null when the password is no longer the one that was proved, or the account is being erased
 */
export async function openChallenge(
  context: Context<Env>,
  { userId, passwordVersion, newHash }: Proved,
): Promise<SecondFactorChallenge | null> {
  const challenge = newOneTimeToken();
  const now = context.now();
  const expiresAt = later(now, LIMITS.challenge).toISOString();
  const proved = sql`id = ${userId}::uuid AND password_version = ${passwordVersion}::int AND status IN ('active', 'deactivated', 'deleting')`;
  const person =
    newHash === null
      ? sql`SELECT id FROM ${users} WHERE ${proved}`
      : sql`UPDATE ${users} SET password_hash = ${newHash}, updated_at = ${now.toISOString()}::timestamptz WHERE ${proved} RETURNING id`;
  const { rows } = await context.db.execute(sql`
    WITH person AS (${person})
    INSERT INTO ${loginChallenges} (id, user_id, hash, password_version, created_at, expires_at)
    SELECT ${context.newId()}::uuid, id, ${hashOneTimeToken(challenge)}, ${passwordVersion}::int,
      ${now.toISOString()}::timestamptz, ${expiresAt}::timestamptz
    FROM person RETURNING id`);
  return rows.length === 0 ? null : { challenge, expiresAt, methods: ["totp", "recovery_code"] };
}
