import { deadLetters, log } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { requireAdmin } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { COUNTED, EventsStatus } from "../schemas.ts";

/** What of the log waits to be sent, and how many dead letters are open, in one round trip. @throws AppError unauthorized, forbidden */
export async function readStatus(context: Context<Env>): Promise<z.infer<typeof EventsStatus>> {
  requireAdmin(context);
  const { rows } = await context.db.execute(sql`SELECT
    (SELECT count(*)::int FROM (SELECT FROM ${log} WHERE sent_at IS NULL LIMIT ${COUNTED}) AS waiting) AS unsent,
    (SELECT to_char(min(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM ${log} WHERE sent_at IS NULL) AS "oldestUnsentAt",
    (SELECT count(*)::int FROM (SELECT FROM ${deadLetters} WHERE replayed_at IS NULL LIMIT ${COUNTED}) AS open) AS "openDeadLetters"`);
  return z.tuple([EventsStatus]).parse(rows)[0];
}
