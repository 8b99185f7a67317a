import { reports } from "@souk/db/schema/chat";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireAdmin } from "@souk/kit/route";
import { and, eq, isNull, or } from "drizzle-orm";
import type { Env } from "../env.ts";
import { toReport } from "../queries/report.ts";
import type { Report } from "../schemas/report.ts";
import { askConversation } from "./open-conversation.ts";

/**
 * Resolves a report: takes the message away, suspends the conversation, or does nothing. A repeat of the same outcome changes nothing.
 * @throws AppError unauthorized, forbidden, not_found; conflict when it was resolved otherwise
 */
export async function resolveReport(
  context: Context<Env>,
  id: string,
  outcome: NonNullable<Report["outcome"]>,
): Promise<Report> {
  const { userId } = requireAdmin(context);
  const now = context.now();
  const [row] = await context.db
    .update(reports)
    .set({ outcome, resolvedBy: userId, resolvedAt: now })
    .where(and(eq(reports.id, id), or(isNull(reports.outcome), eq(reports.outcome, outcome))))
    .returning();
  if (row === undefined) {
    const [found] = await context.db.select({ id: reports.id }).from(reports).where(eq(reports.id, id));
    if (found === undefined) throw new AppError("not_found", "There is no such report.");
    throw new AppError("conflict", "The report was resolved otherwise.");
  }
  // After the row: when the object fails, the same request again does what is left.
  if (outcome !== "dismissed") {
    const what = outcome === "message_removed" ? { removeSeq: row.seq } : "suspend";
    await askConversation(context, row.conversationId, (conversation) =>
      conversation.moderate(now.toISOString(), what),
    );
  }
  return toReport(row);
}
