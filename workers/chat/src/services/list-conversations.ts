import { isoTime } from "@souk/db/iso-time";
import { conversations, hidden, members, messages } from "@souk/db/schema/chat";
import type { Context } from "@souk/kit/context";
import { Instant } from "@souk/kit/instant";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { ARCHIVED_MESSAGE } from "../queries/archived-message.ts";
import {
  type ConversationPage,
  type ConversationQuery,
  ListedConversation,
} from "../schemas/conversation.ts";

const Position = z.tuple([Instant, z.uuid()]);
const Rows = z.array(z.object({ listed: ListedConversation }));

/**
 * The caller's conversations from the directory, the one with the latest activity first. The directory follows the conversations within
 * seconds; one conversation read by itself is exact.
 * @throws AppError unauthorized, invalid_cursor
 */
export async function listConversations(
  context: Context<Env>,
  query: ConversationQuery,
): Promise<ConversationPage> {
  const { userId } = requireActor(context);
  const after = query.cursor === undefined ? undefined : readCursor(Position, query.cursor);
  const older =
    after === undefined
      ? sql`true`
      : sql`(c.last_activity_at, c.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
  const me = sql`${userId}::uuid`;
  const { rows } = await context.db.execute(sql`SELECT jsonb_build_object(
      'id', c.id, 'kind', c.kind, 'title', c.title,
      'object', CASE WHEN c.object_id IS NOT NULL THEN jsonb_build_object('type', c.object_type, 'id', c.object_id) END,
      'peerId', CASE WHEN c.kind = 'direct' THEN (SELECT p.user_id FROM ${members} p WHERE p.conversation_id = c.id AND p.user_id <> ${me} LIMIT 1) END,
      'history', c.history, 'keepDays', c.keep_days, 'suspended', c.suspended_at IS NOT NULL, 'memberCount', c.member_count,
      'lastSeq', c.last_seq, 'lastActivityAt', ${isoTime(sql`c.last_activity_at`)},
      'unread', greatest(0, c.last_seq - m.read_seq - (m.written - m.written_read)),
      'lastMessage', (SELECT ${ARCHIVED_MESSAGE} || CASE WHEN EXISTS (SELECT FROM ${hidden} h WHERE h.conversation_id = c.id AND h.user_id = ${me} AND h.seq = x.seq)
          THEN '{"text":null,"attachments":[],"mentions":[],"forwarded":null,"hidden":true}'::jsonb ELSE '{}' END FROM ${messages} x WHERE x.conversation_id = c.id AND x.seq = c.last_seq AND x.seq >= m.visible_from),
      'me', jsonb_build_object('role', m.role, 'status', m.status, 'readSeq', m.read_seq, 'deliveredSeq', m.delivered_seq, 'mutedUntil', ${isoTime(sql`m.muted_until`)}, 'draft', m.draft),
      'createdAt', ${isoTime(sql`c.created_at`)}) AS listed
    FROM ${members} m JOIN ${conversations} c ON c.id = m.conversation_id
    WHERE m.user_id = ${me} AND m.status = ${query.status} AND ${older}
    ORDER BY c.last_activity_at DESC, c.id DESC LIMIT ${query.limit + 1}`);
  return toPage(
    Rows.parse(rows).map(({ listed }) => listed),
    query.limit,
    ({ lastActivityAt, id }) => [lastActivityAt, id],
  );
}
