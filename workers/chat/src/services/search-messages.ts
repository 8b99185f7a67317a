import { hidden, members, messageDocument, messages } from "@souk/db/schema/chat";
import type { Context } from "@souk/kit/context";
import { Instant } from "@souk/kit/instant";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { ARCHIVED_MESSAGE } from "../queries/archived-message.ts";
import { ArchivedMessage, type FoundMessages, type MessageSearch } from "../schemas/message.ts";

const Position = z.tuple([Instant, z.uuid()]);
const Rows = z.array(z.object({ found: ArchivedMessage }));

/**
 * Messages with all of some words, of the conversations that the caller takes part in and as far as they may see them, newest first. Who is gone from one
 * does not find there what was edited since.
 * @throws AppError unauthorized, invalid_cursor
 */
export async function searchMessages(context: Context<Env>, query: MessageSearch): Promise<FoundMessages> {
  const { userId } = requireActor(context);
  const after = query.cursor === undefined ? undefined : readCursor(Position, query.cursor);
  const older =
    after === undefined
      ? sql`true`
      : sql`(x.created_at, x.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
  const within =
    query.conversationId === undefined ? sql`true` : sql`x.conversation_id = ${query.conversationId}::uuid`;
  const { rows } = await context.db.execute(sql`SELECT ${ARCHIVED_MESSAGE} AS found
    FROM (SELECT * FROM ${messages} WHERE ${messageDocument} @@ websearch_to_tsquery('simple', ${query.q})) x
    JOIN ${members} m ON m.conversation_id = x.conversation_id AND m.user_id = ${userId}::uuid
    WHERE m.status IN ('active', 'left', 'removed') AND x.seq >= m.visible_from AND x.seq <= coalesce(m.visible_to, x.seq)
      AND (m.visible_to IS NULL OR x.edited_at IS NULL OR x.edited_at <= m.updated_at)
      AND x.kind = 'text' AND NOT EXISTS (SELECT FROM ${hidden} h WHERE h.conversation_id = x.conversation_id AND h.user_id = m.user_id AND h.seq = x.seq)
      AND ${within} AND ${older}
    ORDER BY x.created_at DESC, x.id DESC LIMIT ${query.limit + 1}`);
  return toPage(
    Rows.parse(rows).map(({ found }) => found),
    query.limit,
    ({ createdAt, id }) => [createdAt, id],
  );
}
