import { mailSignIns } from "@souk/db/schema/auth-mail-sign-ins";
import { tokens, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";

const Row = z.object({ passwordVersion: z.int() });

/**
 * Gives a pending account to whom the mail has reached, as `adoptAccount` does to whom a provider vouches for: the password goes, since a
 * stranger may have chosen it, and so do links that were mailed. It never had a session.
 * @param signInId the sign-in by mail that was proved
 * @returns the version of the password that there is no more; null when the account has changed meanwhile
 */
export async function adoptByMail(
  context: Context<Env>,
  signInId: string,
  { id, email }: { id: string; email: string },
): Promise<number | null> {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const { rows } = await context.db.execute(sql`
    WITH adopted AS (
      UPDATE ${users} AS person SET status = 'active', verified_at = ${now}, password_hash = NULL,
        password_version = person.password_version + 1, updated_at = ${now}
      WHERE person.id = ${id}::uuid AND person.email = ${email} AND person.status = 'pending'
        AND EXISTS (SELECT FROM ${mailSignIns} WHERE id = ${signInId}::uuid)
      RETURNING person.id, person.password_version
    ), voided AS (
      DELETE FROM ${tokens} AS token USING adopted WHERE token.user_id = adopted.id
    ), told AS (
      ${appendEvents(context, "user.verified", {
        from: sql`adopted`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id)`,
      })}
    )
    SELECT password_version AS "passwordVersion" FROM adopted`);
  return Row.safeParse(rows[0]).data?.passwordVersion ?? null;
}
