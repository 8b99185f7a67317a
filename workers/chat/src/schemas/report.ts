import { z } from "@hono/zod-openapi";
import { REPORT_OUTCOMES, REPORT_REASONS } from "@souk/db/schema/chat";
import { PageQuery, pageOf } from "@souk/kit/pagination";
import { moment, seq } from "./fields.ts";
import { EarlierTexts, Message } from "./message.ts";

export const NewReport = z
  .strictObject({
    reason: z.enum(REPORT_REASONS),
    note: z.string().trim().max(1_000).nullable().default(null),
  })
  .openapi("NewMessageReport");
export type NewReport = z.infer<typeof NewReport>;

const reportFields = {
  id: z.uuid(),
  conversationId: z.uuid(),
  seq,
  reporterId: z.uuid(),
  reportedId: z.uuid().nullable(),
  reason: z.enum(REPORT_REASONS),
  outcome: z.enum(REPORT_OUTCOMES).nullable(),
  createdAt: moment,
  resolvedAt: moment.nullable(),
};

/** Without a word of what was written: that is read by itself, and the reading is recorded. */
export const Report = z.object(reportFields).openapi("MessageReport");
export type Report = z.infer<typeof Report>;

export const ReportPage = pageOf(Report).openapi("MessageReportPage");
export type ReportPage = z.infer<typeof ReportPage>;

export const ReportInFull = z
  .object({
    ...reportFields,
    note: z.string().nullable(),
    context: z.array(Message),
    edits: EarlierTexts.shape.items,
  })
  .openapi("MessageReportInFull");
export type ReportInFull = z.infer<typeof ReportInFull>;

export const ReportQuery = PageQuery.extend({ state: z.enum(["open", "all"]).default("open") });
export type ReportQuery = z.infer<typeof ReportQuery>;

export const Resolution = z.strictObject({ outcome: z.enum(REPORT_OUTCOMES) }).openapi("ReportResolution");
