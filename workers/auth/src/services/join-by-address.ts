import { users } from "@souk/db/schema/auth";
import { totpFactors } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { addIdentity, unlessTaken } from "./add-identity.ts";
import type { ProvedIdentity } from "./prove-identity.ts";
import { tellLinked } from "./tell-identity.ts";

/**
 * Links an identity to the account of its address, which both the account and the provider have verified; its owner gets a mail. With a
 * second factor on, or another identity of this provider, the person has to log in and link it themselves.
 * Nothing happens when the account has changed meanwhile.
 * @param secondFactor whether the account has one
 * @throws AppError conflict
 */
export async function joinByAddress(
  context: Context<Env>,
  identity: ProvedIdentity,
  userId: string,
  secondFactor: boolean,
): Promise<void> {
  const { provider, email } = identity;
  const refused = new AppError(
    "conflict",
    `There is an account of your address. Log in to it, then link ${provider.name} in its settings.`,
  );
  if (secondFactor) throw refused;
  const { broken } = await unlessTaken(
    context.db.execute(sql`
      WITH person AS (
        SELECT id FROM ${users} WHERE id = ${userId}::uuid AND lower(email) = ${email} AND status IN ('active', 'deactivated', 'deleting')
          AND NOT EXISTS (SELECT FROM ${totpFactors} AS factor WHERE factor.user_id = ${users.id} AND factor.confirmed_at IS NOT NULL)
        FOR SHARE
      ), linked AS (${addIdentity(context, identity, sql`person`)}), ${tellLinked(context, provider, sql`linked`)}
      SELECT id FROM linked`),
  );
  if (broken === "identities_user_key") throw refused;
}
