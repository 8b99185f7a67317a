import {
  loginChallenges,
  recoveryCodes,
  totpFactors,
  trustedDevices,
} from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { noteSecurityEvent } from "./note-security-event.ts";
import { requireAssurance } from "./require-assurance.ts";

/**
 * Turns the second factor off, with its recovery codes, the trusted devices and the log-ins that wait for it. Repeating it changes nothing.
 * @throws AppError second_factor_required
 */
export async function removeFactor(context: Context<Env>): Promise<void> {
  const { userId } = requireActor(context);
  requireAssurance(context, true);
  const mine = sql`WHERE user_id = ${userId}::uuid`;
  await context.db.batch([
    // Behind it the next statements see also the codes and devices that were being stored when this began. The order is that of the locks.
    context.db.execute(sql`SELECT FROM ${totpFactors} ${mine} FOR UPDATE`),
    context.db.execute(sql`DELETE FROM ${trustedDevices} ${mine}`),
    context.db.execute(sql`DELETE FROM ${recoveryCodes} ${mine}`),
    context.db.execute(sql`DELETE FROM ${loginChallenges} ${mine}`),
    context.db.execute(sql`
      WITH removed AS (
        DELETE FROM ${totpFactors} ${mine} AND confirmed_at IS NOT NULL RETURNING user_id
      ), noted AS (${noteSecurityEvent(context, "second_factor.disabled", { from: sql`removed`, userId: sql`user_id` })})
      ${appendEvents(context, "second_factor.disabled", {
        from: sql`removed`,
        aggregateId: sql`user_id`,
        data: sql`jsonb_build_object('userId', user_id)`,
      })}`),
  ]);
}
