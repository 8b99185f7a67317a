import { exports } from "@souk/db/schema/auth-account-life";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { ExportAsked } from "../account-life-schemas.ts";
import type { PasswordProof } from "../schemas.ts";
import { provePassword } from "./prove-password.ts";

/**
 * Asks every service for what it holds of the actor, once a day at most; the copy before is void.
 * @throws AppError unauthorized when the session has ended; validation_failed (`password`) when that is wrong; second_factor_required; too_many_requests within a
 * day of the last request
 */
export async function requestExport(
  context: Context<Env>,
  { password }: PasswordProof,
): Promise<ExportAsked> {
  const { userId, passwordVersion } = await provePassword(context, password);
  const now = context.now();
  const { rows } = await context.db.execute(sql`
    WITH asked AS (
      INSERT INTO ${exports} AS copy (user_id, id, requested_at, expires_at)
      SELECT id, ${context.newId()}::uuid, ${now.toISOString()}::timestamptz, ${later(now, LIMITS.exportKept).toISOString()}::timestamptz
      FROM ${users} WHERE id = ${userId}::uuid AND password_version = ${passwordVersion}::int AND status = 'active'
      ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, requested_at = excluded.requested_at, expires_at = excluded.expires_at
      WHERE copy.requested_at <= ${later(now, -LIMITS.exportInterval).toISOString()}::timestamptz
      RETURNING user_id, id
    ), told AS (
      ${appendEvents(context, "person.export_requested", {
        from: sql`asked`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id, 'exportId', id)`,
      })}
    )
    SELECT id FROM asked`);
  if (rows.length === 0)
    throw new AppError("too_many_requests", "A copy was asked for within the last day.", {
      retryAfter: LIMITS.exportInterval,
    });
  return { status: "preparing", requestedAt: now.toISOString() };
}
