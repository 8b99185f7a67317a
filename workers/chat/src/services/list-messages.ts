import type { Context } from "@souk/kit/context";
import { readCursor, toPage } from "@souk/kit/pagination";
import { z } from "zod";
import type { From } from "../conversation/read-history.ts";
import type { Env } from "../env.ts";
import type { HistoryQuery, MessagePage } from "../schemas/message.ts";
import { actInConversation } from "./open-conversation.ts";

const Position = z.union([
  z.object({ before: z.int().min(1) }),
  z.object({ after: z.int().min(0) }),
]) satisfies z.ZodType<From>;

function fromOf(query: HistoryQuery): From {
  if (query.cursor !== undefined) return readCursor(Position, query.cursor);
  return query.from === undefined ? { before: query.before ?? null } : { after: query.from - 1 };
}

/**
 * The messages of a conversation by their place: newest first from the end or before a place, oldest first from one on.
 * @throws AppError unauthorized, not_found, invalid_cursor
 */
export async function listMessages(
  context: Context<Env>,
  id: string,
  query: HistoryQuery,
): Promise<MessagePage> {
  const from = fromOf(query);
  const rows = await actInConversation(context, id, (conversation, act) =>
    conversation.history(act.userId, from, query.limit + 1),
  );
  return toPage(rows, query.limit, ({ seq }) => ("after" in from ? { after: seq } : { before: seq }));
}
