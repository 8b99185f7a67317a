import { reports } from "@souk/db/schema/chat";
import type { Context } from "@souk/kit/context";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireAdmin } from "@souk/kit/route";
import { and, desc, isNull, lt } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { toReport } from "../queries/report.ts";
import type { ReportPage, ReportQuery } from "../schemas/report.ts";

/**
 * Reports, newest first, without what was written.
 * @throws AppError unauthorized, forbidden, invalid_cursor
 */
export async function listReports(context: Context<Env>, query: ReportQuery): Promise<ReportPage> {
  requireAdmin(context);
  const after = query.cursor === undefined ? undefined : readCursor(z.uuid(), query.cursor);
  const rows = await context.db
    .select()
    .from(reports)
    .where(
      and(
        query.state === "open" ? isNull(reports.outcome) : undefined,
        after === undefined ? undefined : lt(reports.id, after),
      ),
    )
    .orderBy(desc(reports.id))
    .limit(query.limit + 1);
  return toPage(rows.map(toReport), query.limit, ({ id }) => id);
}
