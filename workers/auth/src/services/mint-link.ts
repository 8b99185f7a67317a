import { tokens, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import type { Contact, LinkPurpose } from "@souk/kit/rpc";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import { hashOneTimeToken, newOneTimeToken } from "./one-time-token.ts";

const PAGE: Record<LinkPurpose, string> = {
  verify_email: "/verify-email",
  reset_password: "/reset-password",
};
const Row = z.object({ email: z.string(), first_name: z.string(), last_name: z.string() });

/**
 * Makes a one-time link for a person, with whom to send it to. The token is in the fragment, which no browser sends to a server.
 * Null when there is no such account, or its address is verified already.
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
    ), person AS (
      SELECT id, email, first_name, last_name FROM ${users}
      WHERE id = ${userId}::uuid AND status <> 'erasing' AND (status = 'pending' OR ${purpose} <> 'verify_email')
    ), minted AS (
      INSERT INTO ${tokens} (id, user_id, type, hash, expires_at, created_at)
      SELECT ${context.newId()}::uuid, id, ${purpose}, ${hashOneTimeToken(token)},
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
