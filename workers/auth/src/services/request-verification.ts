import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Accepted, Address } from "../schemas.ts";
import { allowMail } from "./allow-mail.ts";

/** Has the verification link mailed again to a pending address, at most once a minute. The answer is the same for every address. */
export async function requestVerification(context: Context<Env>, { email }: Address): Promise<Accepted> {
  await context.db.execute(sql`
    WITH person AS (
      SELECT id FROM ${users} WHERE lower(email) = ${email} AND status = 'pending'
    ), allowed AS (
      ${allowMail(context, "verification", sql`person`)}
    )
    ${appendEvents(context, "verification.requested", {
      from: sql`allowed`,
      aggregateId: sql`user_id`,
      data: sql`jsonb_build_object('userId', user_id)`,
    })}`);
  return { accepted: true };
}
