import { recoveryCodes, totpFactors } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { RecoveryCodes } from "../second-factor-schemas.ts";
import { newRecoveryCodes } from "./new-recovery-codes.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { requireAssurance } from "./require-assurance.ts";

/**
 * New recovery codes in place of the old ones, shown this once.
 * @throws AppError second_factor_required; conflict when no second factor is on
 */
export async function renewRecoveryCodes(context: Context<Env>): Promise<RecoveryCodes> {
  const { userId } = requireActor(context);
  requireAssurance(context, true);
  const { codes, stored } = newRecoveryCodes(context, sql`factor`);
  // The factor's row is locked: of two renewals at once the later one's codes are the ones that remain.
  const lock = sql`SELECT user_id FROM ${totpFactors} WHERE user_id = ${userId}::uuid AND confirmed_at IS NOT NULL FOR UPDATE`;
  const [factor] = await context.db.batch([
    context.db.execute(lock),
    context.db.execute(sql`DELETE FROM ${recoveryCodes} WHERE user_id = ${userId}::uuid`),
    context.db.execute(sql`
      WITH factor AS (${lock}), codes AS (${stored}), noted AS (${noteSecurityEvent(context, "recovery_codes.renewed", { from: sql`factor`, userId: sql`user_id` })})
      ${appendEvents(context, "recovery_codes.renewed", {
        from: sql`factor`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id)`,
      })}`),
  ]);
  if (factor.rows.length === 0) throw new AppError("conflict", "No second factor is on.");
  return { recoveryCodes: codes };
}
