import { mailSignIns } from "@souk/db/schema/auth-mail-sign-ins";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { sql, type SQL } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { MailSignIn } from "../mail-sign-in-schemas.ts";
import type { Address } from "../schemas.ts";
import { accountKey } from "./allow-account.ts";
import { allowMail } from "./allow-mail.ts";
import { hashOneTimeToken, newOneTimeToken } from "./one-time-token.ts";

/**
 * Begins a sign-in by mail: has a code and a link mailed to an account's address, at most once a minute. Who asks again within that time
 * uses the mail that is on its way, so a stranger who asks all the time keeps nobody out. The answer is the same for every address, and a
 * sign-in is kept for each.
 */
export async function requestMailSignIn(context: Context<Env>, { email }: Address): Promise<MailSignIn> {
  const id = context.newId();
  const flow = newOneTimeToken();
  const now = context.now();
  const expiresAt = later(now, LIMITS.mailSignIn).toISOString();
  const account = accountKey(sql`${email}`);
  const begin = (mailId: SQL, userId: SQL, from: SQL) => sql`
    INSERT INTO ${mailSignIns} (id, mail_id, user_id, flow_hash, account, created_at, expires_at)
    SELECT ${id}::uuid, ${mailId}, ${userId}, ${hashOneTimeToken(flow)}, ${account},
      ${now.toISOString()}::timestamptz, ${expiresAt}::timestamptz FROM ${from}`;
  const mailed = sql`
    WITH person AS (
      SELECT id FROM ${users} WHERE lower(email) = ${email}
    ), allowed AS (
      ${allowMail(context, "sign_in", sql`person`)}
    ), begun AS (
      ${begin(sql`${id}::uuid`, sql`user_id`, sql`allowed`)} RETURNING id, user_id
    )
    ${appendEvents(context, "mail_sign_in.requested", {
      from: sql`begun`,
      aggregateId: sql`user_id`,
      data: sql`jsonb_build_object('userId', user_id, 'mailSignInId', id)`,
    })}`;
  // A statement of its own, which sees also the mail of a request that the first one waited for.
  const unmailed = sql`
    ${begin(
      sql`(SELECT mail.id FROM ${mailSignIns} AS mail
        WHERE mail.user_id = person.id AND mail.id = mail.mail_id AND mail.account = ${account} ORDER BY mail.created_at DESC LIMIT 1)`,
      sql`person.id`,
      sql`(SELECT) AS asked LEFT JOIN ${users} AS person ON lower(person.email) = ${email}`,
    )}
    ON CONFLICT (id) DO NOTHING`;
  await context.db.batch([context.db.execute(mailed), context.db.execute(unmailed)]);
  return { flow, expiresAt };
}
