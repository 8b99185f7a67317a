import { z } from "@hono/zod-openapi";
import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { MessageParams } from "../schemas/message.ts";
import { NewReport, Report, ReportInFull, ReportPage, ReportQuery, Resolution } from "../schemas/report.ts";
import { listReports } from "../services/list-reports.ts";
import { readReport } from "../services/read-report.ts";
import { reportMessage } from "../services/report-message.ts";
import { resolveReport } from "../services/resolve-report.ts";

const PATH = "/api/v1/message-reports";
const tags = ["message-reports"];
const ReportId = z.object({ id: z.uuid() });

const report = defineRoute({
  method: "post",
  path: "/api/v1/conversations/{id}/messages/{seq}/report",
  access: "friend",
  operationId: "reportMessage",
  summary: "Report a message",
  description:
    "A message of another's: moderators are shown it, and a few messages before and after it. A repeat changes nothing.",
  tags,
  request: {
    params: MessageParams,
    body: { required: true, content: { "application/json": { schema: NewReport } } },
  },
  responses: { 202: { description: "It will be looked at" } },
});

const list = defineRoute({
  method: "get",
  path: PATH,
  access: "admin",
  operationId: "listMessageReports",
  summary: "List reports of messages",
  description: "Newest first, without what was written.",
  tags,
  request: { query: ReportQuery },
  responses: { 200: { description: "One page", content: { "application/json": { schema: ReportPage } } } },
});

const read = defineRoute({
  method: "get",
  path: `${PATH}/{id}`,
  access: "admin",
  operationId: "readMessageReport",
  summary: "Read a report with what was written",
  description: "Who read it, and when, is recorded.",
  tags,
  request: { params: ReportId },
  responses: {
    200: { description: "The report", content: { "application/json": { schema: ReportInFull } } },
  },
});

const resolve = defineRoute({
  method: "put",
  path: `${PATH}/{id}/resolution`,
  access: "admin",
  operationId: "resolveMessageReport",
  summary: "Resolve a report",
  description: "Takes the message away, suspends the conversation for all, or dismisses the report.",
  tags,
  request: {
    params: ReportId,
    body: { required: true, content: { "application/json": { schema: Resolution } } },
  },
  responses: {
    200: { description: "The report", content: { "application/json": { schema: Report } } },
    409: problem("It was resolved otherwise"),
  },
});

/** What members show to the moderators. */
export function registerReports(app: App<Env>): void {
  app.openapi(report, async (c) => {
    const { id, seq } = c.req.valid("param");
    await reportMessage(c.get("context"), id, seq, c.req.valid("json"));
    return c.body(null, 202);
  });
  app.openapi(list, async (c) => c.json(await listReports(c.get("context"), c.req.valid("query")), 200));
  app.openapi(read, async (c) => c.json(await readReport(c.get("context"), c.req.valid("param").id), 200));
  app.openapi(resolve, async (c) =>
    c.json(await resolveReport(c.get("context"), c.req.valid("param").id, c.req.valid("json").outcome), 200),
  );
}
