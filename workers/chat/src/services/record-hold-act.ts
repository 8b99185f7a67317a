import { type HOLD_ACTS, legalHoldActs } from "@souk/db/schema/chat";
import type { Context } from "@souk/kit/context";
import { requireAdmin } from "@souk/kit/route";
import type { Env } from "../env.ts";

/**
 * Records what the caller does with a legal hold, for good.
 * @throws AppError unauthorized, forbidden; whatever the database throws
 */
export async function recordHoldAct(
  context: Context<Env>,
  conversationId: string,
  act: (typeof HOLD_ACTS)[number],
  reason: string | null = null,
): Promise<void> {
  const { userId: actorId } = requireAdmin(context);
  const row = { id: context.newId(), conversationId, actorId, act, reason, actedAt: context.now() };
  await context.db.insert(legalHoldActs).values(row);
}
