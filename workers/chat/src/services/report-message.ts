import { reports } from "@souk/db/schema/chat";
import type { Context } from "@souk/kit/context";
import { appendEvents } from "@souk/kit/event-log";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { NewReport } from "../schemas/report.ts";
import { actInConversation } from "./open-conversation.ts";

/**
 * Shows the moderators a message of another's with what stands around it, as it is now, and what it said before. A repeat changes nothing.
 * @throws AppError unauthorized, not_found; bad_request for one's own message, or one that is deleted
 */
export async function reportMessage(
  context: Context<Env>,
  id: string,
  seq: number,
  report: NewReport,
): Promise<void> {
  const { userId } = requireActor(context);
  const { message, around, edits } = await actInConversation(context, id, (conversation, act) =>
    conversation.context(act.userId, seq),
  );
  await context.db.execute(sql`WITH made AS (
      INSERT INTO ${reports} (id, conversation_id, seq, reporter_id, reported_id, reason, note, context, edits, created_at)
      VALUES (${context.newId()}::uuid, ${id}::uuid, ${seq}::int, ${userId}::uuid, ${message.senderId}::uuid, ${report.reason}, ${report.note},
        ${JSON.stringify(around)}::jsonb, ${JSON.stringify(edits)}::jsonb, ${context.now().toISOString()}::timestamptz)
      ON CONFLICT DO NOTHING RETURNING id)
    ${appendEvents(context, "message.reported", {
      from: sql`made`,
      aggregateId: sql`made.id::text`,
      data: sql`jsonb_build_object('reportId', made.id, 'conversationId', ${id}::text, 'messageId', ${message.id}::text, 'seq', ${seq}::int, 'userId', ${userId}::text)`,
    })}`);
}
