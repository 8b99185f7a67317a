import { emailLogs } from "@souk/db/schema/email";
import type { Context } from "@souk/kit/context";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireAdmin } from "@souk/kit/route";
import { and, desc, eq, lt } from "drizzle-orm";
import { z } from "zod";
import { emailAnswer } from "../answers.ts";
import type { Env } from "../env.ts";
import type { EmailPage, EmailQuery } from "../schemas.ts";

/** Mails, newest first, of one status or person where asked. @throws AppError unauthorized, forbidden, invalid_cursor */
export async function listEmails(context: Context<Env>, query: EmailQuery): Promise<EmailPage> {
  requireAdmin(context);
  const before = query.cursor === undefined ? undefined : readCursor(z.uuid(), query.cursor);
  const rows = await context.db
    .select()
    .from(emailLogs)
    .where(
      and(
        query.status === undefined ? undefined : eq(emailLogs.status, query.status),
        query.userId === undefined ? undefined : eq(emailLogs.userId, query.userId),
        before === undefined ? undefined : lt(emailLogs.id, before),
      ),
    )
    .orderBy(desc(emailLogs.id))
    .limit(query.limit + 1);
  const page = toPage(rows, query.limit, (row) => row.id);
  return { items: page.items.map(emailAnswer), nextCursor: page.nextCursor };
}
