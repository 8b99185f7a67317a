import { sql } from "drizzle-orm";

/** A row `x` of the archive as the API shows it, as jsonb. */
export const ARCHIVED_MESSAGE = sql.raw(`jsonb_build_object(
  'conversationId', x.conversation_id, 'seq', x.seq, 'id', x.id, 'senderId', x.sender_id, 'kind', x.kind, 'text', x.text,
  'replyTo', x.reply_to, 'attachments', x.attachments, 'mentions', x.mentions, 'createdAt', x.created_at, 'editedAt', x.edited_at,
  'deletedAt', x.deleted_at)`);
