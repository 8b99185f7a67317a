import { isoTime } from "@souk/db/iso-time";
import { sql } from "drizzle-orm";

/** A row `x` of the archive as the API shows it, as jsonb. */
export const ARCHIVED_MESSAGE = sql`jsonb_build_object(
  'conversationId', x.conversation_id, 'seq', x.seq, 'id', x.id, 'senderId', x.sender_id, 'kind', x.kind, 'text', x.text,
  'replyTo', x.reply_to, 'hidden', false,
  'forwarded', CASE WHEN x.origin_at IS NOT NULL THEN jsonb_build_object('senderId', x.origin_sender_id, 'sentAt', ${isoTime(sql`x.origin_at`)}) END,
  'attachments', x.attachments, 'mentions', x.mentions, 'createdAt', ${isoTime(sql`x.created_at`)}, 'editedAt', ${isoTime(sql`x.edited_at`)},
  'deletedAt', ${isoTime(sql`x.deleted_at`)})`;
