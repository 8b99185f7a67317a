import { AppError } from "@souk/kit/errors";
import { REPORT_CONTEXT } from "../limits.ts";
import type { EarlierText, Message } from "../schemas/message.ts";
import { listEdits } from "./list-edits.ts";
import { showMessagesTo } from "./show.ts";
import type { ConversationStore } from "./store.ts";
import type { MessageRow } from "./tables.ts";

export interface ReportContext {
  message: Message;
  around: Message[];
  /** What the message had said before it was edited. */
  edits: EarlierText[];
}

/**
 * A message of another's and what stands around it, as far as the member may see it.
 * @throws AppError not_found; bad_request for one's own message, the system's, or one that is deleted
 */
export function showContext(store: ConversationStore, userId: string, seq: number): ReportContext {
  const member = store.reader(userId);
  const row = store.message(member, seq);
  if (row.sender_id === null || row.sender_id === userId || row.kind !== "text" || row.deleted_at !== null)
    throw new AppError("bad_request", "Only what another wrote can be reported.");
  const rows = store.sql
    .exec<MessageRow>(
      "SELECT * FROM messages WHERE seq BETWEEN ? AND ? ORDER BY seq",
      Math.max(member.visible_from, seq - REPORT_CONTEXT),
      Math.min(member.visible_to ?? seq + REPORT_CONTEXT, seq + REPORT_CONTEXT),
    )
    .toArray();
  const around = showMessagesTo(store, member, rows);
  const message = around.find((shown) => shown.seq === seq);
  if (message === undefined) throw new AppError("not_found", "There is no such message.");
  return { message, around, edits: listEdits(store, userId, seq) };
}
