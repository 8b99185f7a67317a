import { emailChanges } from "@souk/db/schema/auth-account-life";
import { tokens, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import type { Contact, LinkPurpose } from "@souk/kit/rpc";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import { hashOneTimeToken, newOneTimeToken } from "./one-time-token.ts";

const PAGE: Record<LinkPurpose, string> = {
  verify_email: "/verify-email",
  reset_password: "/reset-password",
  unlock_account: "/unlock-account",
  leave_email: "/confirm-email-change",
  join_email: "/confirm-email-change",
};
const Row = z.object({ email: z.string(), first_name: z.string(), last_name: z.string() });

/**
 * Makes a one-time link for a person, with whom to send it to. The token is in the fragment, which no browser sends to a server.
 * Null when there is no such account, its address is verified already, or there is no change of it to confirm.
 */
export async function mintLink(
  context: Context<Env>,
  userId: string,
  purpose: LinkPurpose,
): Promise<(Contact & { url: string }) | null> {
  const token = newOneTimeToken();
  const now = context.now();
  const { rows } = await context.db.execute(sql`
    WITH expired AS (
      DELETE FROM ${tokens} WHERE user_id = ${userId}::uuid AND expires_at <= ${now.toISOString()}::timestamptz
    ), person AS (${receiver(userId, purpose, now)}), minted AS (
      INSERT INTO ${tokens} (id, user_id, type, change_id, hash, expires_at, created_at)
      SELECT ${context.newId()}::uuid, id, ${purpose}, change_id, ${hashOneTimeToken(token)},
        ${later(now, LIMITS.link[purpose]).toISOString()}::timestamptz, ${now.toISOString()}::timestamptz
      FROM person
    )
    SELECT email, first_name, last_name FROM person`);
  const person = Row.safeParse(rows[0]).data;
  if (person === undefined) return null;
  return {
    email: person.email,
    firstName: person.first_name,
    lastName: person.last_name,
    url: `${new URL(PAGE[purpose], context.env.PUBLIC_URL).href}#token=${token}`,
  };
}

/** SQL for the account and the address that a link goes to. A new address that somebody has gets none: its owner is told nothing. */
function receiver(userId: string, purpose: LinkPurpose, now: Date): SQL {
  const person = sql`person.id = ${userId}::uuid AND person.status <> 'erasing'`;
  if (purpose !== "leave_email" && purpose !== "join_email")
    return sql`SELECT id, NULL::uuid AS change_id, email, first_name, last_name FROM ${users} AS person
      WHERE ${person} AND (status = 'pending' OR ${purpose} <> 'verify_email')`;
  const email = purpose === "leave_email" ? sql`change.old_email` : sql`change.new_email`;
  return sql`SELECT person.id, change.id AS change_id, ${email} AS email, person.first_name, person.last_name
    FROM ${users} AS person JOIN ${emailChanges} AS change ON change.user_id = person.id
    WHERE ${person} AND change.done_at IS NULL AND change.expires_at > ${now.toISOString()}::timestamptz
      AND (${purpose} = 'leave_email' OR NOT EXISTS (SELECT FROM ${users} AS other WHERE lower(other.email) = change.new_email))`;
}
