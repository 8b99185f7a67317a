import { totpFactors } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { sql, type SQL } from "drizzle-orm";

/** SQL that is true for an account with a confirmed second factor. */
export const hasSecondFactor = (userId: SQL): SQL<boolean> =>
  sql<boolean>`EXISTS (SELECT FROM ${totpFactors} AS factor WHERE factor.user_id = ${userId} AND factor.confirmed_at IS NOT NULL)`;

/**
 * Refuses a sensitive action without a second factor, where the account has one.
 * @param secondFactor whether it has
 * @throws AppError second_factor_required: `POST /api/v1/auth/step-up`, then repeat with the new access token
 */
export function requireAssurance(context: Pick<Context, "actor">, secondFactor: boolean): void {
  if (secondFactor && context.actor?.aal !== 2)
    throw new AppError(
      "second_factor_required",
      "Prove your second factor by `POST /api/v1/auth/step-up` and repeat this with the new access token.",
    );
}
