import { reportReads, reports } from "@souk/db/schema/chat";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireAdmin } from "@souk/kit/route";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { toReport } from "../queries/report.ts";
import { EarlierTexts, Message } from "../schemas/message.ts";
import { type ReportInFull } from "../schemas/report.ts";

/** What was stored before messages were forwarded, or deleted for one member, says nothing of that. */
const ContextThen = z.array(
  Message.extend({
    forwarded: Message.shape.forwarded.default(null),
    hidden: Message.shape.hidden.default(false),
  }),
);

/**
 * A report with what was written. That it was read, by whom and when, is recorded in the same transaction.
 * @throws AppError unauthorized, forbidden, not_found
 */
export async function readReport(context: Context<Env>, id: string): Promise<ReportInFull> {
  const { userId } = requireAdmin(context);
  const { db } = context;
  const [, [row]] = await db.batch([
    db.execute(sql`INSERT INTO ${reportReads} (id, report_id, reader_id, read_at)
      SELECT ${context.newId()}::uuid, id, ${userId}::uuid, ${context.now().toISOString()}::timestamptz FROM ${reports} WHERE id = ${id}::uuid`),
    db.select().from(reports).where(eq(reports.id, id)),
  ]);
  if (row === undefined) throw new AppError("not_found", "There is no such report.");
  return {
    ...toReport(row),
    note: row.note,
    context: ContextThen.parse(row.context),
    edits: EarlierTexts.shape.items.parse(row.edits),
  };
}
