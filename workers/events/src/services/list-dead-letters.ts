import { deadLetters } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireAdmin } from "@souk/kit/route";
import { and, desc, isNull, lt } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { DeadLetterQuery } from "../schemas.ts";

/** Dead letters, newest first. @throws AppError unauthorized, forbidden, invalid_cursor */
export async function listDeadLetters(context: Context<Env>, query: z.infer<typeof DeadLetterQuery>) {
  requireAdmin(context);
  const after = query.cursor === undefined ? undefined : readCursor(z.uuid(), query.cursor);
  const rows = await context.db
    .select()
    .from(deadLetters)
    .where(
      and(
        query.state === "open" ? isNull(deadLetters.replayedAt) : undefined,
        after === undefined ? undefined : lt(deadLetters.id, after),
      ),
    )
    .orderBy(desc(deadLetters.id))
    .limit(query.limit + 1);
  return toPage(rows, query.limit, (row) => row.id);
}
