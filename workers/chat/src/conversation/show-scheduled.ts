import { Attachments, Mentions } from "../schemas/message.ts";
import type { ScheduledMessage } from "../schemas/scheduled.ts";
import type { ScheduledRow } from "./tables.ts";

/** What a member wrote for later, as the API shows it. */
export const showScheduled = (
  conversationId: string,
  row: ScheduledRow & { text: string },
): ScheduledMessage => ({
  conversationId,
  clientMessageId: row.client_message_id,
  text: row.text,
  replyTo: row.reply_to,
  attachments: Attachments.parse(JSON.parse(row.attachments)),
  mentions: Mentions.parse(JSON.parse(row.mentions)),
  sendAt: row.send_at,
  failed: row.failed,
  revision: row.revision,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** Whether it is still to be sent, or stays as failed. */
export const isThere = (row: ScheduledRow): row is ScheduledRow & { text: string } => row.text !== null;
