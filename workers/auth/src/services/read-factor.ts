import { recoveryCodes, totpFactors } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { and, eq, isNotNull } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { SecondFactorState } from "../second-factor-schemas.ts";

/** Whether the actor's second factor is on, and how many recovery codes are left. @throws AppError unauthorized */
export async function readFactor(context: Context<Env>): Promise<SecondFactorState> {
  const { userId } = requireActor(context);
  const [factor] = await context.db
    .select({
      confirmedAt: totpFactors.confirmedAt,
      recoveryCodesLeft: context.db.$count(recoveryCodes, eq(recoveryCodes.userId, userId)),
    })
    .from(totpFactors)
    .where(and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt)));
  return {
    enabled: factor !== undefined,
    confirmedAt: factor?.confirmedAt?.toISOString() ?? null,
    recoveryCodesLeft: factor?.recoveryCodesLeft ?? 0,
  };
}
