import { totpFactors, trustedDevices } from "@souk/db/schema/auth-second-factor";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { Account } from "../schemas.ts";
import type { Credentials, Device } from "../session-schemas.ts";
import { accountJson } from "./account-json.ts";
import { accountKey, allowAccount } from "./allow-account.ts";
import { allowAddress } from "./allow-address.ts";
import { deviceBucket, readDeviceToken } from "./device-token.ts";
import { noteFailure } from "./note-failure.ts";
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
  bucket: z.string(),
  known: z.boolean(),
  failures: z.int().nullable(),
  failureId: z.uuid().nullable(),
  wait: z.int().nullable(),
  person: Person.nullable(),
});

export interface LogInAttempt {
  person: z.infer<typeof Person> | null;
  /** So far, this attempt among them. */
  failures: number;
  /** This attempt in the security log of the person, if there is one. */
  failureId: string | null;
  /** Where they are counted. */
  bucket: string;
  /** Whether that is the bucket of a device from which this person has logged in before. */
  known: boolean;
}

/**
 * Counts an attempt by address and by account and finds the account, in one statement that does the same for every address. Who shows the
 * token of a device that the account was logged in to from counts apart, so that strangers cannot keep it locked to them.
 * @throws AppError too_many_requests
 */
export async function findLogIn(
  context: Context<Env>,
  { email, deviceToken }: Credentials,
  client: Device,
): Promise<LogInAttempt> {
  const address = allowAddress(context, client.ip);
  const account = allowAccount(context, sql`(SELECT key FROM bucket)`, sql`address`);
  const device = readDeviceToken(context, deviceToken ?? "");
  const known = sql`EXISTS (SELECT FROM ${users} WHERE lower(email) = ${email} AND id = ${device?.userId ?? null}::uuid
    AND password_version = ${device?.passwordVersion ?? null}::int)`;
  const { rows } = await context.db.execute(sql`
    WITH address AS (${address.allowed}), device AS (SELECT ${known} AS known), bucket AS (
      SELECT CASE WHEN known THEN ${deviceBucket(deviceToken ?? "")} ELSE ${accountKey(sql`${email}`)} END AS key, known FROM device
    ), account AS (${account.allowed}), person AS (
      SELECT id, status, jsonb_build_object(
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
    ), allowed AS (
      SELECT id FROM person, account WHERE status <> 'erasing'
    ), failure AS (${noteFailure(context, "sign_in.failed", sql`allowed`, client)})
    SELECT (SELECT failures FROM account) AS failures, (SELECT id FROM failure) AS "failureId", greatest(${address.wait}, ${account.wait}) AS wait,
      (SELECT found FROM person) AS person, bucket.key AS bucket, bucket.known FROM bucket`);
  const { failures, wait, ...attempt } = Row.parse(rows[0]);
  if (failures === null) throw tooManyAttempts(wait);
  return { ...attempt, failures };
}
