import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { tokens, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { LinkToken, Unlocked } from "../schemas.ts";
import { accountKey, signedInKey } from "./allow-account.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { hashOneTimeToken } from "./one-time-token.ts";

/** Forgets an account's failed log-ins by the mailed token, which works once. @throws AppError invalid_link: unknown, used or expired */
export async function unlockAccount(context: Context<Env>, { token }: LinkToken): Promise<Unlocked> {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const { rows } = await context.db.execute(sql`
    WITH link AS (
      UPDATE ${tokens} SET used_at = ${now}
      WHERE hash = ${hashOneTimeToken(token)} AND type = 'unlock_account' AND used_at IS NULL AND expires_at > ${now}
      RETURNING user_id
    ), forgotten AS (
      DELETE FROM ${accountAttempts} AS known USING link JOIN ${users} AS person ON person.id = link.user_id
      WHERE known.account IN (${accountKey(sql`person.email`)}, ${signedInKey(sql`person.email`)})
    ), noted AS (${noteSecurityEvent(context, "account.unlocked", { from: sql`link`, userId: sql`user_id` })})
    SELECT user_id FROM link`);
  if (rows.length === 0)
    throw new AppError("invalid_link", "The link is unknown, used or expired. Set a new password instead.");
  return { unlocked: true };
}
