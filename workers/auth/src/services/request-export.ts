import { exportParts, exports } from "@souk/db/schema/auth-account-life";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { ExportAsked } from "../account-life-schemas.ts";
import type { PasswordProof } from "../schemas.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { provePassword } from "./prove-password.ts";

const Row = z.object({ unchanged: z.boolean(), asked: z.boolean(), wait: z.int().nullable() });

/**
 * Asks every service for what it holds of the actor, once a day at most; the copy before is void.
 * @throws AppError unauthorized when the session has ended; validation_failed (`password`) when that is wrong; second_factor_required; conflict when
 * the account was changed at the same time; too_many_requests within a
 * day of the last request
 */
export async function requestExport(
  context: Context<Env>,
  { password }: PasswordProof,
): Promise<ExportAsked> {
  const { userId, passwordVersion } = await provePassword(context, password);
  const now = context.now();
  /** What was asked for until then keeps nobody waiting. */
  const free = sql`${later(now, -LIMITS.exportInterval).toISOString()}::timestamptz`;
  const { rows } = await context.db.execute(sql`
    WITH person AS (
      SELECT id FROM ${users}
      WHERE id = ${userId}::uuid AND password_version = ${passwordVersion}::int AND status = 'active'
    ), asked AS (
      INSERT INTO ${exports} AS copy (user_id, id, requested_at, expires_at)
      SELECT id, ${context.newId()}::uuid, ${now.toISOString()}::timestamptz, ${later(now, LIMITS.exportKept).toISOString()}::timestamptz
      FROM person
      ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, requested_at = excluded.requested_at, expires_at = excluded.expires_at
      WHERE copy.requested_at <= ${free}
      RETURNING user_id, id
    ), void AS (
      DELETE FROM ${exportParts} AS part USING asked WHERE part.user_id = asked.user_id
    ), told AS (
      ${appendEvents(context, "person.export_requested", {
        from: sql`asked`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id, 'exportId', id)`,
      })}
    ), noted AS (${noteSecurityEvent(context, "person.export_requested", { from: sql`asked`, userId: sql`user_id` })})
    SELECT EXISTS (SELECT FROM person) AS unchanged, EXISTS (SELECT FROM asked) AS asked,
      (SELECT ceil(extract(epoch FROM copy.requested_at - ${free}))::int FROM ${exports} AS copy WHERE copy.user_id = ${userId}::uuid) AS wait`);
  const [{ unchanged, asked, wait }] = z.tuple([Row]).parse(rows);
  if (!unchanged) throw new AppError("conflict", "The account was changed elsewhere at the same time.");
  if (!asked)
    throw new AppError("too_many_requests", "A copy was asked for within the last day.", {
      // Who asks at the same moment as another finds nothing, or an older request.
      retryAfter: wait !== null && wait > 0 ? wait : LIMITS.exportInterval,
    });
  return { status: "preparing", requestedAt: now.toISOString() };
}
