import { AppError } from "@souk/kit/errors";
import type { Message } from "../schemas/message.ts";
import type { Origin } from "./send-message.ts";
import { showMessage } from "./show.ts";
import { asLeft } from "./as-left.ts";
import type { ConversationStore } from "./store.ts";

/** What is forwarded of a message. */
export interface Original {
  text: string;
  attachments: Message["attachments"];
  origin: Origin;
}

/**
 * A message to be forwarded, as far as the member may read it. Of one that was forwarded itself the first origin stays.
 * @throws AppError not_found; conflict when it is deleted; bad_request for a line of the system's
 */
export function originalOf(store: ConversationStore, userId: string, seq: number): Original {
  const member = store.reader(userId);
  const [row] = asLeft(store, member, [store.message(member, seq)]);
  if (row?.kind !== "text") throw new AppError("bad_request", "Only what a person wrote can be forwarded.");
  if (row.text === null) throw new AppError("conflict", "The message was deleted.");
  const { attachments } = showMessage(store, row);
  const [senderId, sentAt] =
    row.origin_at === null ? [row.sender_id, row.created_at] : [row.origin_sender_id, row.origin_at];
  return { text: row.text, attachments, origin: { senderId, sentAt } };
}
