import { users } from "@souk/db/schema/auth";
import { identities } from "@souk/db/schema/auth-identities";
import { totpFactors, trustedDevices } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { Account } from "../schemas.ts";
import { accountHolds } from "./account-holds.ts";
import { accountJson } from "./account-json.ts";
import { hashOneTimeToken } from "./one-time-token.ts";
import type { ProvedIdentity } from "./prove-identity.ts";
import { StoredMoment } from "./stored-moment.ts";

const Person = z.object({
  user: Account,
  /** Whether the identity is theirs; else only the address is. */
  linked: z.boolean(),
  passwordVersion: z.int(),
  /** Whether a confirmed second factor is on. */
  secondFactor: z.boolean(),
  bannedAt: StoredMoment.nullable(),
  banReason: z.string().nullable(),
  banExpiresAt: StoredMoment.nullable(),
  /** The trusted device that the token names, when it is this person's. */
  deviceId: z.uuid().nullable(),
});
export type SignedIn = z.infer<typeof Person>;

/**
 * The account that an identity is linked to; without one the account of its address. An identity that may log in is noted as used.
 * @returns null when there is neither
 */
export async function findSignedIn(
  context: Context,
  { provider, subject, email, sealedRefreshToken }: ProvedIdentity,
  deviceToken: string | undefined,
): Promise<SignedIn | null> {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const { rows } = await context.db.execute(sql`
    WITH identity AS (
      SELECT user_id FROM ${identities} WHERE provider = ${provider.id} AND subject = ${subject}
    ), used AS (
      UPDATE ${identities} AS identity SET last_used_at = ${now}, email = ${email},
        sealed_refresh_token = coalesce(${sealedRefreshToken}, identity.sealed_refresh_token)
      FROM ${users} AS person
      WHERE identity.provider = ${provider.id} AND identity.subject = ${subject} AND person.id = identity.user_id
        AND ${accountHolds(sql`person.password_version`, context.now())}
    )
    SELECT ${accountJson} AS user, EXISTS (SELECT FROM identity) AS linked, password_version AS "passwordVersion",
      to_jsonb(banned_at) AS "bannedAt", ban_reason AS "banReason", to_jsonb(ban_expires_at) AS "banExpiresAt",
      EXISTS (SELECT FROM ${totpFactors} AS factor WHERE factor.user_id = person.id AND factor.confirmed_at IS NOT NULL) AS "secondFactor",
      (SELECT device.id FROM ${trustedDevices} AS device
        WHERE device.hash = ${hashOneTimeToken(deviceToken ?? "")} AND device.user_id = person.id
          AND device.password_version = person.password_version AND device.expires_at > ${now}) AS "deviceId"
    FROM ${users} AS person
    WHERE person.id = coalesce((SELECT user_id FROM identity), (SELECT id FROM ${users} WHERE lower(email) = ${email}))`);
  return z.array(Person).parse(rows)[0] ?? null;
}
