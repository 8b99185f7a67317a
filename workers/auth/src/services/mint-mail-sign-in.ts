import { mailSignIns } from "@souk/db/schema/auth-mail-sign-ins";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import type { Contact } from "@souk/kit/rpc";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { accountKey } from "./allow-account.ts";
import { mailSignInSecrets } from "./mail-sign-in-secrets.ts";

const Row = z.object({ email: z.string(), firstName: z.string(), lastName: z.string() });

/**
 * What the mail of a sign-in carries, and to whom it goes. The token is in the fragment, which no browser sends to a server.
 * Null when the sign-in is over, or the account has left the address or is being erased.
 */
export async function mintMailSignIn(
  context: Context<Env>,
  id: string,
): Promise<(Contact & { url: string; code: string }) | null> {
  const { rows } = await context.db.execute(sql`
    SELECT person.email, person.first_name AS "firstName", person.last_name AS "lastName"
    FROM ${mailSignIns} AS begun JOIN ${users} AS person ON person.id = begun.user_id
    WHERE begun.id = ${id}::uuid AND begun.mail_id = begun.id AND begun.expires_at > ${context.now().toISOString()}::timestamptz
      AND begun.account = ${accountKey(sql`person.email`)} AND person.status <> 'erasing'`);
  const person = Row.safeParse(rows[0]).data;
  if (person === undefined) return null;
  const { code, token } = mailSignInSecrets(context, id);
  return { ...person, code, url: `${new URL("/sign-in", context.env.PUBLIC_URL).href}#token=${token}` };
}
