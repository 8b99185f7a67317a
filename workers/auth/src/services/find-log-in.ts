import { totpFactors, trustedDevices } from "@souk/db/schema/auth-second-factor";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { Account } from "../schemas.ts";
import { type Credentials } from "../session-schemas.ts";
import { accountJson } from "./account-json.ts";
import { accountKey, allowAccount } from "./allow-account.ts";
import { allowAddress } from "./allow-address.ts";
import { hashOneTimeToken } from "./one-time-token.ts";
import { StoredMoment } from "./stored-moment.ts";
import { tooManyAttempts } from "./too-many-attempts.ts";

const Person = z.object({
  user: Account,
  passwordHash: z.string().nullable(),
  passwordVersion: z.int(),
  /** Whether a confirmed second factor is on. */
  secondFactor: z.boolean(),
  bannedAt: StoredMoment.nullable(),
  banReason: z.string().nullable(),
  banExpiresAt: StoredMoment.nullable(),
  /** The trusted device that the token names, when it is this person's. */
  deviceId: z.uuid().nullable(),
});

const Row = z.object({
  failures: z.int().nullable(),
  wait: z.int().nullable(),
  person: Person.nullable(),
});

/**
 * Counts an attempt by address and by account and finds the account, in one statement that does the same for every address.
 * @returns the person, or null when there is none; the account's failures so far, this attempt among them
 * @throws AppError too_many_requests
 */
export async function findLogIn(
  context: Context<Env>,
  { email, deviceToken }: Credentials,
  ip: string | null,
): Promise<{ person: z.infer<typeof Person> | null; failures: number }> {
  const address = allowAddress(context, ip);
  const account = allowAccount(context, accountKey(sql`${email}`), sql`address`);
  const { rows } = await context.db.execute(sql`
    WITH address AS (${address.allowed}), account AS (${account.allowed}), person AS (
      SELECT jsonb_build_object(
        'user', ${accountJson},
        'passwordHash', password_hash,
        'passwordVersion', password_version,
        'bannedAt', banned_at,
        'banReason', ban_reason,
        'banExpiresAt', ban_expires_at,
        'secondFactor', EXISTS (SELECT FROM ${totpFactors} AS factor WHERE factor.user_id = person.id AND factor.confirmed_at IS NOT NULL),
        'deviceId', (SELECT device.id FROM ${trustedDevices} AS device
          WHERE device.hash = ${hashOneTimeToken(deviceToken ?? "")} AND device.user_id = person.id
            AND device.password_version = person.password_version AND device.expires_at > ${context.now().toISOString()}::timestamptz)
      ) AS found FROM ${users} AS person WHERE lower(email) = ${email}
    )
    SELECT (SELECT failures FROM account) AS failures, greatest(${address.wait}, ${account.wait}) AS wait,
      (SELECT found FROM person) AS person`);
  const { failures, wait, person } = Row.parse(rows[0]);
  if (failures === null) throw tooManyAttempts(wait);
  return { person, failures };
}
