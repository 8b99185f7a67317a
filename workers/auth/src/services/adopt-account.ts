import { tokens, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { addIdentity, unlessTaken } from "./add-identity.ts";
import type { ProvedIdentity } from "./prove-identity.ts";

/**
 * Gives a pending account to the owner of its address, whom a provider vouches for. Who registered it has proved nothing, and may have
 * waited for this: the password and the name that they chose go, and so do links that were mailed. It never had a session.
 * Nothing happens when the address has been verified meanwhile.
 */
export async function adoptAccount(
  context: Context<Env>,
  identity: ProvedIdentity,
  userId: string,
): Promise<void> {
  const { email, firstName, lastName } = identity;
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const statement = sql`
    WITH adopted AS (
      UPDATE ${users} SET status = 'active', verified_at = ${now}, password_hash = NULL, password_version = password_version + 1,
        first_name = ${firstName}, last_name = ${lastName}, updated_at = ${now}
      WHERE id = ${userId}::uuid AND status = 'pending' AND lower(email) = ${email} RETURNING id
    ), voided AS (
      DELETE FROM ${tokens} AS token USING adopted WHERE token.user_id = adopted.id
    ), linked AS (
      ${addIdentity(context, identity, sql`adopted`)}
    )
    ${appendEvents(context, "user.verified", {
      from: sql`linked`,
      aggregateId: sql`user_id`,
      data: sql`jsonb_build_object('userId', user_id)`,
    })}`;
  await unlessTaken(context.db.execute(statement));
}
