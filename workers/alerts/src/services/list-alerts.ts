import { alerts } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { alertView } from "../alert-statements.ts";
import type { Env } from "../env.ts";
import { Alert, type AlertPage, type AlertQuery } from "../schemas.ts";

/**
 * The caller's alerts, newest first.
 * @throws AppError unauthorized, invalid_cursor
 */
export async function listAlerts(
  context: Context<Env>,
  query: z.output<typeof AlertQuery>,
): Promise<z.infer<typeof AlertPage>> {
  const { userId } = requireActor(context);
  const active = query.active === undefined ? sql`` : sql`AND a.active = ${query.active}`;
  const after =
    query.cursor === undefined ? sql`` : sql`AND a.id < ${readCursor(z.uuid(), query.cursor)}::uuid`;
  const { rows } = await context.db.execute(
    sql`SELECT ${alertView} FROM ${alerts} a WHERE a.user_id = ${userId}::uuid ${active} ${after} ORDER BY a.id DESC LIMIT ${query.limit + 1}`,
  );
  return toPage(z.array(Alert).parse(rows), query.limit, ({ id }) => id);
}
