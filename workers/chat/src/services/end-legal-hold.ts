import type { Context } from "@souk/kit/context";
import { requireAdmin } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { actInConversation, askConversation } from "./open-conversation.ts";
import { recordHoldAct } from "./record-hold-act.ts";

/**
 * Ends a legal hold: what was kept goes, after it is recorded who had it go.
 * @throws AppError unauthorized, forbidden; not_found when the conversation is not held
 */
export async function endLegalHold(context: Context<Env>, id: string): Promise<void> {
  requireAdmin(context);
  await askConversation(context, id, (conversation) => conversation.legalHold());
  await recordHoldAct(context, id, "ended");
  await actInConversation(context, id, (conversation, { at }) => conversation.endHold(at));
}
