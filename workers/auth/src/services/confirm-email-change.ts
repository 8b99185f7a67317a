import { brokenConstraint } from "@souk/db/client";
import { emailChanges } from "@souk/db/schema/auth-account-life";
import { tokens, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { sql, type SQL } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { EmailChangeConfirmed } from "../account-life-schemas.ts";
import type { LinkToken } from "../schemas.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { hashOneTimeToken } from "./one-time-token.ts";

/**
 * Confirms a change of address by the token that was mailed to the old or the new address. With the second of the two the address is
 * changed, and links that reset the password are void: they went to the old one. A repeat gives the same answer, and so does a change
 * that cannot be made since the address was taken meanwhile.
 * @throws AppError invalid_link: unknown, expired, or of an earlier request
 */
export async function confirmEmailChange(
  context: Context<Env>,
  { token }: LinkToken,
): Promise<EmailChangeConfirmed> {
  const statement = confirmation(context, hashOneTimeToken(token));
  // Of two accounts that take one address at the same moment the later statement breaks its key: asked again it sees the other.
  const { rows } = await context.db.execute(statement).catch((error: unknown) => {
    if (brokenConstraint(error) !== "users_email_key") throw error;
    return context.db.execute(statement);
  });
  if (rows.length === 0)
    throw new AppError("invalid_link", "The link is unknown or has expired. Ask for the change again.");
  return { confirmed: true };
}

/** `change` is locked by `confirmed`: of two links at once the later sees that the other has confirmed. */
function confirmation(context: Context<Env>, hash: string): SQL {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  return sql`
    WITH link AS (
      UPDATE ${tokens} SET used_at = coalesce(used_at, ${now})
      WHERE hash = ${hash} AND type IN ('leave_email', 'join_email') AND expires_at > ${now}
      RETURNING user_id, change_id, type
    ), confirmed AS (
      UPDATE ${emailChanges} AS change SET
        left_at = CASE link.type WHEN 'leave_email' THEN coalesce(change.left_at, ${now}) ELSE change.left_at END,
        joined_at = CASE link.type WHEN 'join_email' THEN coalesce(change.joined_at, ${now}) ELSE change.joined_at END,
        done_at = coalesce(change.done_at, CASE
          WHEN (link.type = 'leave_email' OR change.left_at IS NOT NULL) AND (link.type = 'join_email' OR change.joined_at IS NOT NULL)
            AND NOT EXISTS (SELECT FROM ${users} AS other WHERE lower(other.email) = change.new_email)
          THEN ${now} END)
      FROM link WHERE change.user_id = link.user_id AND change.id = link.change_id AND change.expires_at > ${now}
      RETURNING change.user_id, change.old_email, change.new_email, change.done_at
    ), changed AS (
      UPDATE ${users} AS person SET email = confirmed.new_email, updated_at = ${now} FROM confirmed
      WHERE person.id = confirmed.user_id AND confirmed.done_at = ${now} AND person.email = confirmed.old_email
      RETURNING person.id
    ), voided AS (
      DELETE FROM ${tokens} AS token USING changed WHERE token.user_id = changed.id AND token.type = 'reset_password'
    ), told AS (
      ${appendEvents(context, "address.changed", {
        from: sql`changed`,
        aggregateId: sql`id`,
        data: sql`jsonb_build_object('userId', id)`,
      })}
    ), noted AS (${noteSecurityEvent(context, "address.changed", { from: sql`changed`, userId: sql`id` })})
    SELECT user_id FROM confirmed`;
}
