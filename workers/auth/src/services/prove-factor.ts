import { recoveryCodes, totpFactors } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { unseal } from "@souk/kit/envelope";
import { appendEvents } from "@souk/kit/event-log";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { hashRecoveryCode } from "./recovery-code.ts";
import { matchTotp } from "./totp.ts";

/** The columns of a confirmed factor that a code is held against. */
export const Factor = z.object({
  id: z.uuid(),
  userId: z.uuid(),
  sealedSecret: z.string(),
  lastStep: z.int(),
});
export type Factor = z.infer<typeof Factor>;

/** What the secrets of authenticators are sealed for. */
export const TOTP_PURPOSE = "auth.totp_factors.sealed_secret";

/** SQL: a factor as a JSON object that `Factor` parses. */
export const factorJson = sql`jsonb_build_object(
  'id', factor.id, 'userId', factor.user_id, 'sealedSecret', factor.sealed_secret, 'lastStep', factor.last_step)`;

/** The step of a code of this factor, or null. */
export async function stepOf(context: Context<Env>, factor: Factor, code: string): Promise<number | null> {
  const { id: rowId, sealedSecret, lastStep } = factor;
  const secret = await unseal(context.env.DATA_KEYS, sealedSecret, { purpose: TOTP_PURPOSE, rowId });
  return matchTotp(Buffer.from(secret, "base64url"), code, context.now(), lastStep);
}

/**
 * CTEs that spend a code: `proved` has one row with `user_id` when it was good, none when it was wrong or is spent, also by someone at the
 * same moment. A recovery code's use is told, so that its owner hears of a thief's. The factor's row is locked first, whatever the code.
 * @param code of the authenticator, or a recovery code
 * @param allowed a query, which may read the CTE `factor` with `user_id`: where it gives no row, the code is not spent
 */
export async function proveFactor(
  context: Context<Env>,
  factor: Factor,
  code: string,
  allowed: SQL,
): Promise<SQL> {
  const ctes = sql`factor AS (
      SELECT user_id FROM ${totpFactors} WHERE id = ${factor.id}::uuid AND confirmed_at IS NOT NULL FOR NO KEY UPDATE
    ), allowed AS (${allowed})`;
  const step = await stepOf(context, factor, code);
  if (step !== null)
    return sql`${ctes}, proved AS (
      UPDATE ${totpFactors} SET last_step = ${step}::int
      WHERE id = ${factor.id}::uuid AND confirmed_at IS NOT NULL AND last_step < ${step}::int AND EXISTS (SELECT FROM allowed) RETURNING user_id
    )`;
  return sql`${ctes}, proved AS (
      DELETE FROM ${recoveryCodes} WHERE user_id = ${factor.userId}::uuid AND hash = ${hashRecoveryCode(code)}
        AND EXISTS (SELECT FROM allowed) RETURNING user_id
    ), use_told AS (
      ${appendEvents(context, "recovery_code.used", {
        from: sql`proved`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id)`,
      })}
    ), use_noted AS (${noteSecurityEvent(context, "recovery_code.used", { from: sql`proved`, userId: sql`user_id` })})`;
}
