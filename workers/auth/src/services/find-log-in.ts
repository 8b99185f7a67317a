import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { Credentials, Device } from "../session-schemas.ts";
import { accountKey, allowAccount } from "./allow-account.ts";
import { allowAddress } from "./allow-address.ts";
import { deviceBucket, readDeviceToken } from "./device-token.ts";
import { LogInPerson, logInPersonJson } from "./log-in-person.ts";
import { noteFailure } from "./note-failure.ts";
import { tooManyAttempts } from "./too-many-attempts.ts";

const Row = z.object({
  bucket: z.string(),
  known: z.boolean(),
  failures: z.int().nullable(),
  failureId: z.uuid().nullable(),
  wait: z.int().nullable(),
  person: LogInPerson.nullable(),
});

export interface LogInAttempt {
  person: LogInPerson | null;
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
      SELECT id, status, ${logInPersonJson(context, deviceToken)} AS found FROM ${users} AS person WHERE lower(email) = ${email}
    ), allowed AS (
      SELECT id FROM person, account WHERE status <> 'erasing'
    ), failure AS (${noteFailure(context, "sign_in.failed", sql`allowed`, client)})
    SELECT (SELECT failures FROM account) AS failures, (SELECT id FROM failure) AS "failureId", greatest(${address.wait}, ${account.wait}) AS wait,
      (SELECT found FROM person) AS person, bucket.key AS bucket, bucket.known FROM bucket`);
  const { failures, wait, ...attempt } = Row.parse(rows[0]);
  if (failures === null) throw tooManyAttempts(wait);
  return { ...attempt, failures };
}
