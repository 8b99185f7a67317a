import { sessions } from "@souk/db/schema/auth";
import { securityEvents, type SecurityEventType } from "@souk/db/schema/auth-security-events";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import { nameDevice } from "../name-device.ts";
import type { Device } from "../session-schemas.ts";

/**
 * SQL that writes into the security log for each row of another part of the same statement, for use in a CTE. The device is that of the
 * actor's session where the log is the actor's own: of an admin nothing is told.
 * @param noted.from the CTE to read
 * @param noted.userId whose log it is, an expression over the CTE's columns
 * @param noted.details a jsonb expression that makes what `SecurityEvent` says; nulls are left out
 * @param noted.device where no session is there yet
 */
export function noteSecurityEvent(
  context: Context,
  type: SecurityEventType,
  noted: { from: SQL; userId: SQL; details?: SQL; device?: Device },
): SQL {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const { from, userId, details = sql`'{}'::jsonb`, device } = noted;
  const [name, ip] =
    device === undefined
      ? [sql`own.device`, sql`own.ip`]
      : [sql`${nameDevice(device.userAgent)}::text`, sql`${device.ip}::text`];
  return sql`INSERT INTO ${securityEvents} (id, user_id, type, device, ip, details, occurred_at)
    SELECT events.uuid_v7(${now}), happened.user_id, ${type}, ${name}, ${ip}, jsonb_strip_nulls(happened.details), ${now}
    FROM (SELECT ${userId} AS user_id, ${details} AS details FROM ${from}) AS happened
    LEFT JOIN ${sessions} AS own ON own.id = ${context.actor?.sessionId ?? null}::uuid AND own.user_id = happened.user_id`;
}
