import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { addIdentity, unlessTaken } from "./add-identity.ts";
import type { ProvedIdentity } from "./prove-identity.ts";

/**
 * Registers who comes from a provider for the first time: an account without a password, whose address is verified. Nothing happens when
 * the address or the identity has got an account at the same moment.
 */
export async function registerIdentity(context: Context<Env>, identity: ProvedIdentity): Promise<void> {
  const { email, firstName, lastName } = identity;
  const id = context.newId();
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const about = { aggregateId: sql`user_id`, data: sql`jsonb_build_object('userId', user_id)` };
  const statement = sql`
    WITH created AS (
      INSERT INTO ${users} (id, email, first_name, last_name, status, verified_at, created_at, updated_at)
      SELECT ${id}::uuid, ${email}, ${firstName}, ${lastName}, 'active', ${now}, ${now}, ${now}
      ON CONFLICT (lower(email)) DO NOTHING RETURNING id
    ), linked AS (
      ${addIdentity(context, identity, sql`created`)}
    ), registered AS (
      ${appendEvents(context, "user.registered", { from: sql`linked`, ...about })}
    )
    ${appendEvents(context, "user.verified", { from: sql`linked`, ...about })}`;
  await unlessTaken(context.db.execute(statement));
}
