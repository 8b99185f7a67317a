import { emailChanges } from "@souk/db/schema/auth-account-life";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { Accepted } from "../schemas.ts";
import type { EmailChange } from "../account-life-schemas.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { provePassword } from "./prove-password.ts";

const Row = z.object({ unchanged: z.boolean(), asked: z.boolean(), wait: z.int().nullable() });

/**
 * Has both the actor's address and the new one mailed a link to confirm a change, at most once a minute; an earlier request is void.
 * Whether the new address is taken is not even looked at here.
 * @throws AppError unauthorized when the session has ended; validation_failed (`password`) when that is wrong, (`email`) when the address
 * is the present one; second_factor_required; conflict when
 * the account was changed at the same time; too_many_requests within a minute of the last request
 */
export async function requestEmailChange(
  context: Context<Env>,
  { email, password }: EmailChange,
): Promise<Accepted> {
  const { userId, passwordVersion, email: present } = await provePassword(context, password);
  const now = context.now();
  if (email === present) throw sameAddress();
  /** What was asked for until then keeps nobody waiting. */
  const free = sql`${later(now, -LIMITS.mailInterval).toISOString()}::timestamptz`;
  const { rows } = await context.db.execute(sql`
    WITH person AS (
      SELECT id, email FROM ${users}
      WHERE id = ${userId}::uuid AND password_version = ${passwordVersion}::int AND status = 'active' AND email <> ${email}
    ), asked AS (
      INSERT INTO ${emailChanges} AS change (user_id, id, old_email, new_email, requested_at, expires_at)
      SELECT id, ${context.newId()}::uuid, email, ${email}, ${now.toISOString()}::timestamptz, ${later(now, LIMITS.link.join_email).toISOString()}::timestamptz
      FROM person
      ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, old_email = excluded.old_email, new_email = excluded.new_email,
        requested_at = excluded.requested_at, expires_at = excluded.expires_at, left_at = NULL, joined_at = NULL, done_at = NULL
      WHERE change.requested_at <= ${free}
      RETURNING user_id
    ), told AS (
      ${appendEvents(context, "address.change_requested", {
        from: sql`asked`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id)`,
      })}
    ), noted AS (${noteSecurityEvent(context, "address.change_requested", { from: sql`asked`, userId: sql`user_id` })})
    SELECT EXISTS (SELECT FROM person) AS unchanged, EXISTS (SELECT FROM asked) AS asked,
      (SELECT ceil(extract(epoch FROM change.requested_at - ${free}))::int FROM ${emailChanges} AS change WHERE change.user_id = ${userId}::uuid) AS wait`);
  const [{ unchanged, asked, wait }] = z.tuple([Row]).parse(rows);
  if (!unchanged) throw new AppError("conflict", "The account was changed elsewhere at the same time.");
  if (!asked)
    throw new AppError("too_many_requests", "A change was asked for just now. Wait a minute.", {
      // Who asks at the same moment as another finds nothing, or an older request.
      retryAfter: wait !== null && wait > 0 ? wait : LIMITS.mailInterval,
    });
  return { accepted: true };
}

const sameAddress = (): AppError =>
  new AppError("validation_failed", "Correct the fields named in `details`.", {
    details: [{ field: "email", message: "is your address already" }],
  });
