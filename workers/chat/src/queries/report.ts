import type { reports } from "@souk/db/schema/chat";
import type { Report } from "../schemas/report.ts";

/** A stored report without a word of what was written. */
export const toReport = (
  row: Omit<typeof reports.$inferSelect, "context" | "note" | "resolvedBy">,
): Report => ({
  id: row.id,
  conversationId: row.conversationId,
  seq: row.seq,
  reporterId: row.reporterId,
  reportedId: row.reportedId,
  reason: row.reason,
  outcome: row.outcome,
  createdAt: row.createdAt.toISOString(),
  resolvedAt: row.resolvedAt?.toISOString() ?? null,
});
