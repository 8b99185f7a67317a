import type { Context } from "@souk/kit/context";
import { requireAdmin } from "@souk/kit/route";
import type { Env } from "../env.ts";
import type { LegalHold } from "../schemas/legal-hold.ts";
import { actInConversation } from "./open-conversation.ts";
import { recordHoldAct } from "./record-hold-act.ts";

/**
 * Has what is taken away in a conversation be kept from now on. A repeat changes at most the reason.
 * @throws AppError unauthorized, forbidden, not_found
 */
export async function holdConversation(
  context: Context<Env>,
  id: string,
  reason: string,
): Promise<LegalHold> {
  requireAdmin(context);
  const hold = await actInConversation(context, id, (conversation, act) => conversation.hold(act, reason));
  await recordHoldAct(context, id, "held", reason);
  return hold;
}
