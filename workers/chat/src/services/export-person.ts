import { hidden, members, messages, reports, scheduled } from "@souk/db/schema/chat";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { exportRows } from "@souk/kit/personal-data";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";

/**
 * Gives what a person wrote, where they take part and what they reported to their copy. What others wrote is theirs, and so is not in it,
 * nor where the person forwarded it.
 * @throws whatever the database or `auth` throws; the event is then to be delivered again
 */
export async function exportPerson(
  context: Context<Env>,
  event: SoukEvent<"person.export_requested" | "person.export_continued">,
): Promise<void> {
  const them = sql`${event.data.userId}::uuid`;
  const theirs = sql`(origin_at IS NULL OR origin_sender_id = ${them})`;
  await exportRows(context, event, {
    members: { rows: sql`SELECT * FROM ${members} WHERE user_id = ${them}`, key: ["conversation_id"] },
    messages: {
      rows: sql`SELECT conversation_id, seq, id, sender_id, kind, CASE WHEN ${theirs} THEN text END AS text, reply_to, origin_sender_id, origin_at,
        CASE WHEN ${theirs} THEN attachments ELSE '[]' END AS attachments, mentions, edits, created_at, edited_at, deleted_at
        FROM ${messages} WHERE sender_id = ${them}`,
      key: ["created_at", "id"],
    },
    hidden: {
      rows: sql`SELECT conversation_id, seq FROM ${hidden} WHERE user_id = ${them}`,
      key: ["conversation_id", "seq"],
    },
    scheduled: {
      rows: sql`SELECT conversation_id, client_message_id, text, reply_to, attachments, mentions, send_at, failed, created_at FROM ${scheduled}
        WHERE user_id = ${them}`,
      key: ["conversation_id", "client_message_id"],
    },
    reports: {
      rows: sql`SELECT id, conversation_id, seq, reason, note, created_at FROM ${reports} WHERE reporter_id = ${them}`,
      key: ["conversation_id", "seq"],
    },
  });
}
