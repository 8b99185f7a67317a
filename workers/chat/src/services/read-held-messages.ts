import type { Context } from "@souk/kit/context";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireAdmin } from "@souk/kit/route";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { HeldMessagePage } from "../schemas/legal-hold.ts";
import { askConversation } from "./open-conversation.ts";
import { recordHoldAct } from "./record-hold-act.ts";

const Position = z.object({ n: z.int().min(1) });

/**
 * What a legal hold has kept, in the order in which it was taken away. That it is read, by whom and when, is recorded before it is shown.
 * @throws AppError unauthorized, forbidden, invalid_cursor; not_found when the conversation is not held
 */
export async function readHeldMessages(
  context: Context<Env>,
  id: string,
  query: { cursor?: string | undefined; limit: number },
): Promise<HeldMessagePage> {
  requireAdmin(context);
  const after = query.cursor === undefined ? 0 : readCursor(Position, query.cursor).n;
  const kept = await askConversation(context, id, (conversation) =>
    conversation.held(after, query.limit + 1),
  );
  await recordHoldAct(context, id, "read");
  const { items, nextCursor } = toPage(kept, query.limit, ({ n }) => ({ n }));
  return { items: items.map(({ message }) => message), nextCursor };
}
