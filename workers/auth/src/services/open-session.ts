import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { Device } from "../schemas.ts";

interface Opening {
  userId: string;
  /** The version of the password that was proved. */
  passwordVersion: number;
  /** A new hash of the same password, or null to keep the stored one. */
  newHash: string | null;
  device: Device;
}

/**
 * Opens a session; an account that was deactivated or to be deleted is active again. The account's row is locked, so a password change at the same time either comes first, and no session is opened, or
 * later, and ends this one.
 * @returns the session's id, or null when the password is no longer the one that was proved, or the account went to sleep or is being erased
 */
export async function openSession(context: Context<Env>, opening: Opening): Promise<string | null> {
  const { userId, passwordVersion, newHash, device } = opening;
  const id = context.newId();
  const start = context.now();
  const now = start.toISOString();
  const proved = sql`id = ${userId}::uuid AND password_version = ${passwordVersion}::int`;
  const awake =
    newHash === null
      ? sql`SELECT id FROM ${users} WHERE ${proved} AND status = 'active' FOR SHARE`
      : sql`UPDATE ${users} SET password_hash = ${newHash}, updated_at = ${now}::timestamptz WHERE ${proved} AND status = 'active' RETURNING id`;
  const { rows } = await context.db.execute(sql`
    WITH awake AS (${awake}), woken AS (
      UPDATE ${users} SET status = 'active', delete_after = NULL, password_hash = coalesce(${newHash}, password_hash), updated_at = ${now}::timestamptz
      WHERE ${proved} AND status IN ('deactivated', 'deleting') RETURNING id
    ), person AS (SELECT id FROM awake UNION ALL SELECT id FROM woken)
    INSERT INTO ${sessions} (id, user_id, user_agent, ip, created_at, refreshed_at, expires_at, updated_at)
    SELECT ${id}::uuid, id, ${device.userAgent}, ${device.ip}, ${now}::timestamptz, ${now}::timestamptz,
      ${later(start, LIMITS.session).toISOString()}::timestamptz, ${now}::timestamptz
    FROM person RETURNING id`);
  return rows.length === 1 ? id : null;
}
