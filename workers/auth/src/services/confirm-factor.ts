import { sessions } from "@souk/db/schema/auth";
import { totpFactors } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import type { RecoveryCodes, SecondFactorCode } from "../second-factor-schemas.ts";
import { newRecoveryCodes } from "./new-recovery-codes.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { stepOf } from "./prove-factor.ts";

/**
 * Turns the second factor on by the first code of the authenticator, and gives the recovery codes, this once. The actor's session is at
 * assurance level 2 from its next refresh on.
 * @throws AppError conflict when nothing waits to be confirmed; validation_failed (`code`) when it is wrong
 */
export async function confirmFactor(
  context: Context<Env>,
  { code }: SecondFactorCode,
): Promise<RecoveryCodes> {
  const { userId, sessionId } = requireActor(context);
  const nothing = new AppError("conflict", "No new authenticator waits for its first code. Begin again.");
  const { id, sealedSecret, lastStep } = totpFactors;
  const [factor] = await context.db
    .select({ id, sealedSecret, lastStep, userId: totpFactors.userId })
    .from(totpFactors)
    .where(
      and(
        eq(totpFactors.userId, userId),
        isNull(totpFactors.confirmedAt),
        gt(totpFactors.createdAt, later(context.now(), -LIMITS.enrolment)),
      ),
    );
  if (factor === undefined) throw nothing;
  const step = await stepOf(context, factor, code);
  if (step === null)
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field: "code", message: "is wrong: check the clock of the device" }],
    });
  const now = sql`${context.now().toISOString()}::timestamptz`;
  const { codes, stored } = newRecoveryCodes(context, sql`confirmed`);
  const { rows } = await context.db.execute(sql`
    WITH confirmed AS (
      UPDATE ${totpFactors} SET confirmed_at = ${now}, last_step = ${step}::int
      WHERE id = ${factor.id}::uuid AND user_id = ${userId}::uuid AND confirmed_at IS NULL RETURNING user_id
    ), codes AS (${stored}), lifted AS (
      UPDATE ${sessions} AS session SET second_factor_at = ${now}, updated_at = ${now} FROM confirmed
      WHERE session.id = ${sessionId}::uuid AND session.user_id = confirmed.user_id
    ), event AS (
      ${appendEvents(context, "second_factor.enabled", {
        from: sql`confirmed`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id)`,
      })}
    ), noted AS (${noteSecurityEvent(context, "second_factor.enabled", { from: sql`confirmed`, userId: sql`user_id` })})
    SELECT user_id FROM confirmed`);
  if (rows.length === 0) throw nothing;
  return { recoveryCodes: codes };
}
