import { tokens, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { LinkToken, Registered } from "../schemas.ts";
import { hashOneTimeToken } from "./one-time-token.ts";

const Row = z.object({ email: z.string(), first_name: z.string(), last_name: z.string() });

/**
 * Verifies the address that the token's link was mailed to. It takes effect once; a repeat within the token's life gives the same answer
 * and changes nothing, since whoever holds the token had that answer already.
 * @throws AppError invalid_link: unknown or expired
 */
export async function verifyEmail(context: Context<Env>, { token }: LinkToken): Promise<Registered> {
  const now = context.now().toISOString();
  const { rows } = await context.db.execute(sql`
    WITH link AS (
      UPDATE ${tokens} SET used_at = coalesce(used_at, ${now}::timestamptz)
      WHERE hash = ${hashOneTimeToken(token)} AND type = 'verify_email' AND expires_at > ${now}::timestamptz
      RETURNING user_id
    ), verified AS (
      UPDATE ${users} AS person SET status = 'active', verified_at = ${now}::timestamptz, updated_at = ${now}::timestamptz
      FROM link WHERE person.id = link.user_id AND person.status = 'pending'
      RETURNING person.id
    ), event AS (
      ${appendEvents(context, "user.verified", {
        from: sql`verified`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id)`,
      })}
    )
    SELECT person.email, person.first_name, person.last_name FROM ${users} AS person JOIN link ON link.user_id = person.id`);
  const person = Row.safeParse(rows[0]).data;
  if (person === undefined)
    throw new AppError("invalid_link", "The link is unknown or has expired. Ask for a new one.");
  return {
    user: { email: person.email, firstName: person.first_name, lastName: person.last_name, status: "active" },
  };
}
