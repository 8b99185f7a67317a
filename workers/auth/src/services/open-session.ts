import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { sessions, users } from "@souk/db/schema/auth";
import type { Role } from "@souk/kit/actor";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql, type SQL } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import { nameDevice } from "../name-device.ts";
import type { SignInWay } from "../security-event-schemas.ts";
import type { Device } from "../session-schemas.ts";
import { accountHolds } from "./account-holds.ts";
import { accountKey } from "./allow-account.ts";
import { takeFailureBack } from "./note-failure.ts";
import { noteSecurityEvent } from "./note-security-event.ts";

/** What else must hold for a session to be opened, spent in the same statement. */
export interface Proof {
  /** CTEs to stand before the others, each with a comma after it. */
  ctes: SQL;
  holds: SQL;
}

interface Opening {
  userId: string;
  /** What the tokens will say; nobody gets a session of a role that was taken away at this moment. */
  role: Role;
  /** The version of the password that was proved. */
  passwordVersion: number;
  /** A new hash of the same password, or null to keep the stored one. */
  newHash: string | null;
  device: Device;
  /** Left out: by password. */
  way?: SignInWay;
  /** The attempt in the security log, which did not fail. */
  failureId?: string | null;
  /** The known device whose failures are taken back; the account's are where it is left out or null. */
  bucket?: string | null;
  proof?: Proof | undefined;
  /** When a second factor was proved for this very session. */
  secondFactorAt?: Date;
}

/** SQL for the network of an address: providers move a device about within one of these. */
const network = (ip: SQL): SQL =>
  sql`network(set_masklen((${ip})::inet, CASE family((${ip})::inet) WHEN 4 THEN 24 ELSE 48 END))`;

/**
 * Opens a session and takes back the account's failures; an account that was deactivated or to be deleted is active again. The account's
 * row is locked, so a password change at the same time either comes first, and no session is opened, or later, and ends this one; so does
 * another return, after which this one finds the account awake.
 * `session.opened` says whether the device is new: the account has been used before, but not by such a device from this network.
 * @returns the session's id, or null when the password is no longer the one that was proved, the account has been banned, given another role
 * or is being erased, or the other proof fails
 */
export async function openSession(context: Context<Env>, opening: Opening): Promise<string | null> {
  const {
    userId,
    role,
    passwordVersion,
    newHash,
    device,
    proof,
    secondFactorAt,
    bucket = null,
    way = { method: "password" },
    failureId = null,
  } = opening;
  const id = context.newId();
  const name = nameDevice(device.userAgent);
  const start = context.now();
  const now = start.toISOString();
  const proved = sql`person.id = ${userId}::uuid AND person.role = ${role} AND ${accountHolds(sql`${passwordVersion}::int`, start)}
    AND ${proof?.holds ?? sql`true`}`;
  const { rows } = await context.db.execute(sql`
    WITH ${proof?.ctes ?? sql``} person AS (
      SELECT id, email, status FROM ${users} AS person WHERE ${proved} FOR NO KEY UPDATE
    ), changed AS (
      UPDATE ${users} AS account SET status = 'active', delete_after = NULL, password_hash = coalesce(${newHash}, account.password_hash),
        presence_change = account.presence_change + (person.status <> 'active')::int, updated_at = ${now}::timestamptz
      FROM person WHERE account.id = person.id AND (person.status <> 'active' OR ${newHash !== null})
      RETURNING account.id, account.presence_change, person.status AS before
    ), returned AS (
      ${appendEvents(context, "account.returned", {
        from: sql`changed WHERE before <> 'active'`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id, 'change', presence_change)`,
      })}
    ), returned_noted AS (
      ${noteSecurityEvent(context, "account.returned", {
        from: sql`changed WHERE before <> 'active'`,
        userId: sql`id`,
        device,
      })}
    ), forgiven AS (
      DELETE FROM ${accountAttempts} AS known USING person WHERE known.account = coalesce(${bucket}::text, ${accountKey(sql`person.email`)})
      RETURNING known.account
    ), entered AS (
      SELECT id, (SELECT count(*) FROM forgiven) AS forgiven FROM person
    ), taken_back AS (
      ${takeFailureBack(failureId, sql`entered WHERE forgiven >= 0`)}
    ), opened AS (
      INSERT INTO ${sessions} (id, user_id, user_agent, device, ip, created_at, refreshed_at, expires_at, updated_at, second_factor_at)
      SELECT ${id}::uuid, id, ${device.userAgent}, ${name}, ${device.ip}, ${now}::timestamptz, ${now}::timestamptz,
      ${later(start, LIMITS.session).toISOString()}::timestamptz, ${now}::timestamptz, ${secondFactorAt?.toISOString() ?? null}::timestamptz
      FROM person RETURNING id, user_id, EXISTS (SELECT FROM ${sessions} WHERE user_id = ${userId}::uuid AND impersonator_id IS NULL) AND NOT EXISTS (SELECT FROM ${sessions}
        WHERE user_id = ${userId}::uuid AND device = ${name} AND ${network(sql`ip`)} IS NOT DISTINCT FROM ${network(sql`${device.ip}::text`)}) AS new_device
    ), told AS (
      ${appendEvents(context, "session.opened", {
        from: sql`opened`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', user_id, 'sessionId', id, 'device', ${name}::text, 'newDevice', new_device)`,
      })}
    ), noted AS (
      ${noteSecurityEvent(context, "session.opened", {
        from: sql`opened`,
        userId: sql`user_id`,
        device,
        details: sql`${JSON.stringify(way)}::jsonb || jsonb_build_object('sessionId', id, 'secondFactor', ${secondFactorAt !== undefined}::boolean, 'newDevice', new_device)`,
      })}
    )
    SELECT id FROM opened`);
  return rows.length === 1 ? id : null;
}
