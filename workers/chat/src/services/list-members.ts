import type { Context } from "@souk/kit/context";
import { readCursor, toPage } from "@souk/kit/pagination";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { MemberPage, MembersQuery } from "../schemas/member.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Who takes part in a conversation or is asked to, with how far each has read.
 * @throws AppError unauthorized, not_found, invalid_cursor
 */
export async function listMembers(
  context: Context<Env>,
  id: string,
  { cursor, limit }: MembersQuery,
): Promise<MemberPage> {
  const after = cursor === undefined ? null : readCursor(z.uuid(), cursor);
  const rows = await actInConversation(context, id, (conversation, act) =>
    conversation.members(act.userId, after, limit + 1),
  );
  return toPage(rows, limit, ({ userId }) => userId);
}
