import { mailSignIns } from "@souk/db/schema/auth-mail-sign-ins";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { LIMITS } from "../limits.ts";
import type { MailSignInProof } from "../mail-sign-in-schemas.ts";
import type { Device } from "../session-schemas.ts";
import { accountKey, allowAccount } from "./allow-account.ts";
import { deviceBucket, readDeviceToken } from "./device-token.ts";
import { LogInPerson, logInPersonJson } from "./log-in-person.ts";
import { hashOneTimeToken } from "./one-time-token.ts";
import { noteFailure } from "./note-failure.ts";
import { tooManyAttempts } from "./too-many-attempts.ts";

const Row = z.object({
  id: z.uuid(),
  mailId: z.uuid().nullable(),
  /** Where failures are counted, and whether that is the bucket of a device from which this person has logged in before. */
  bucket: z.string(),
  known: z.boolean(),
  failures: z.int().nullable(),
  /** This try in the security log of the person, if there is one. */
  failureId: z.uuid().nullable(),
  wait: z.int().nullable(),
  /** Null where the address has no account, or no more. */
  person: LogInPerson.nullable(),
});

export const mailSignInOver = (): AppError =>
  new AppError(
    "invalid_challenge",
    "The sign-in is unknown, used, expired, void or had too many tries. Begin again.",
  );

/**
 * Counts a try of a sign-in by mail, and of its account as `findLogIn` does, in one statement that does the same for every address. No more
 * than five are looked at, also of many at once.
 * @throws AppError invalid_challenge; too_many_requests
 */
export async function tryMailSignIn(
  context: Context<Env>,
  { flow, deviceToken }: MailSignInProof,
  client: Device,
): Promise<Omit<z.infer<typeof Row>, "failures" | "wait"> & { failures: number }> {
  const account = allowAccount(context, sql`(SELECT key FROM bucket)`, sql`attempt`);
  const device = readDeviceToken(context, deviceToken ?? "");
  const { rows } = await context.db.execute(sql`
    WITH attempt AS (
      UPDATE ${mailSignIns} SET tries = tries + 1
      WHERE flow_hash = ${hashOneTimeToken(flow)} AND tries < ${LIMITS.mailSignInTries}::int
        AND expires_at > ${context.now().toISOString()}::timestamptz
      RETURNING id, mail_id, user_id, account
    ), person AS (
      SELECT person.* FROM ${users} AS person JOIN attempt ON attempt.user_id = person.id AND attempt.account = ${accountKey(sql`person.email`)}
    ), device AS (
      SELECT EXISTS (SELECT FROM person WHERE id = ${device?.userId ?? null}::uuid
        AND password_version = ${device?.passwordVersion ?? null}::int) AS known
    ), bucket AS (
      SELECT CASE WHEN known THEN ${deviceBucket(deviceToken ?? "")} ELSE attempt.account END AS key, known FROM attempt, device
    ), account AS (${account.allowed}), allowed AS (
      SELECT id FROM person, account WHERE status <> 'erasing'
    ), failure AS (${noteFailure(context, "sign_in.failed", sql`allowed`, client)})
    SELECT attempt.id, attempt.mail_id AS "mailId", bucket.key AS bucket, bucket.known, (SELECT failures FROM account) AS failures, (SELECT id FROM failure) AS "failureId",
      ${account.wait} AS wait, (SELECT ${logInPersonJson(context, deviceToken)} FROM person) AS person
    FROM attempt, bucket`);
  const row = Row.safeParse(rows[0]).data;
  if (row === undefined) throw mailSignInOver();
  const { failures, wait, ...attempt } = row;
  if (failures === null) throw tooManyAttempts(wait);
  return { ...attempt, failures };
}
