import { digestOf } from "@souk/db/erased";
import { isoTime } from "@souk/db/iso-time";
import { erased, hidden, members, messages, reports, scheduled } from "@souk/db/schema/chat";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { eraseRows } from "@souk/kit/personal-data";
import { callTimeout } from "@souk/kit/resilience";
import { watchObject } from "@souk/kit/watch-object";
import { and, eq, gt, sql, type SQL } from "drizzle-orm";
import { union } from "drizzle-orm/pg-core";
import type { Env } from "../env.ts";
import { ERASED_AT_ONCE } from "../limits.ts";
import { askConversation } from "./open-conversation.ts";

/**
 * Has the person's eraser take them out of their conversations, which may be more than one invocation may call.
 * @throws whatever the object throws; the event is then to be delivered again
 */
export async function erasePerson(
  context: Context<Env>,
  event: SoukEvent<"person.erasure_requested">,
): Promise<void> {
  const eraser = watchObject(context, "ERASER", context.env.ERASER.getByName(event.data.userId));
  await callTimeout.execute(() => eraser.begin(event));
}

/**
 * Takes a person out of some of their conversations.
 * @param after the conversation with which the last call ended; null to begin
 * @returns with which this one ended; null when there are no more
 */
export async function eraseFromConversations(
  context: Context<Env>,
  userId: string,
  after: string | null,
): Promise<string | null> {
  const rows = await union(
    context.db
      .select({ id: members.conversationId })
      .from(members)
      .where(and(eq(members.userId, userId), after === null ? undefined : gt(members.conversationId, after))),
    // Where others have forwarded what the person wrote.
    context.db
      .select({ id: messages.conversationId })
      .from(messages)
      .where(
        and(
          eq(messages.originSenderId, userId),
          after === null ? undefined : gt(messages.conversationId, after),
        ),
      ),
  )
    .orderBy(sql`1`)
    .limit(ERASED_AT_ONCE);
  const at = context.now().toISOString();
  for (const { id } of rows)
    await askConversation(context, id, (conversation) => conversation.erase(userId, at));
  return rows.length < ERASED_AT_ONCE ? null : (rows.at(-1)?.id ?? null);
}

/** Takes what a person wrote, also where another forwarded it, out of the context of reports between others. */
function eraseFromReports(userId: string, at: SQL): SQL {
  const them = sql`${userId}::text`;
  const emptied = sql`jsonb_build_object('clientMessageId', NULL, 'text', NULL, 'attachments', '[]'::jsonb, 'mentions', '[]'::jsonb,
    'reactions', '[]'::jsonb, 'forwarded', NULL, 'deletedAt', ${isoTime(at)}, 'senderId', nullif(said->>'senderId', ${them}))`;
  return sql`UPDATE ${reports} SET context = (SELECT jsonb_agg(
      CASE WHEN ${them} IN (said->>'senderId', said->'forwarded'->>'senderId') THEN said || ${emptied} ELSE said END ORDER BY n)
      FROM jsonb_array_elements(context) WITH ORDINALITY AS one (said, n))
    WHERE context @> jsonb_build_array(jsonb_build_object('senderId', ${them}))
      OR context @> jsonb_build_array(jsonb_build_object('forwarded', jsonb_build_object('senderId', ${them})))`;
}

/** Erases what the directory and the archive hold of a person, and tells of it. A repeat erases nothing. */
export async function eraseArchive(
  context: Context<Env>,
  event: SoukEvent<"person.erasure_requested">,
): Promise<void> {
  const them = sql`${event.data.userId}::uuid`;
  const now = sql`${context.now().toISOString()}::timestamptz`;
  await context.db.batch([
    context.db.execute(
      sql`INSERT INTO ${erased} (person) VALUES (${digestOf(event.data.userId)}) ON CONFLICT DO NOTHING`,
    ),
    context.db.execute(eraseFromReports(event.data.userId, now)),
    context.db.execute(
      eraseRows(context, event, {
        messages: sql`UPDATE ${messages} SET sender_id = nullif(sender_id, ${them}), text = CASE kind WHEN 'system' THEN text END, attachments = '[]', mentions = '[]', edits = '[]',
          origin_sender_id = NULL, origin_at = NULL, deleted_at = CASE kind WHEN 'text' THEN ${now} ELSE deleted_at END WHERE sender_id = ${them} OR origin_sender_id = ${them}`,
        hidden: sql`DELETE FROM ${hidden} WHERE user_id = ${them}`,
        scheduled: sql`DELETE FROM ${scheduled} WHERE user_id = ${them}`,
        members: sql`DELETE FROM ${members} WHERE user_id = ${them}`,
        reports: sql`DELETE FROM ${reports} WHERE reporter_id = ${them} OR reported_id = ${them}`,
      }),
    ),
  ]);
}
