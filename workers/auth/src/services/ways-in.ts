import { identities } from "@souk/db/schema/auth-identities";
import { passkeys } from "@souk/db/schema/auth-passkeys";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * SQL that is true for an account, named `person`, that can be logged in to by something else: a password, an identity of a provider, or
 * a passkey. What the operator has taken out opens nothing.
 * @param without the identity or the passkey that is to go
 */
export function otherWayIn({ env }: Context<Env>, without: string): SQL {
  const providers = JSON.stringify(env.OPENID_PROVIDERS.map(({ id }) => id));
  return sql`(person.password_hash IS NOT NULL
    OR EXISTS (SELECT FROM ${identities} AS way WHERE way.user_id = person.id AND way.id <> ${without}::uuid
      AND way.provider IN (SELECT jsonb_array_elements_text(${providers}::jsonb)))
    OR ${env.PASSKEYS !== null} AND EXISTS (SELECT FROM ${passkeys} AS way WHERE way.user_id = person.id AND way.id <> ${without}::uuid))`;
}
