import { alertHistory, alerts } from "@souk/db/schema/alerts";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { readCursor, toPage } from "@souk/kit/pagination";
import type { PageQuery } from "@souk/kit/pagination";
import { requireActor } from "@souk/kit/route";
import { and, desc, eq, lt } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { AlertHistoryPage } from "../schemas.ts";

/**
 * When and why an alert of the caller fired, newest first.
 * @throws AppError unauthorized, not_found, invalid_cursor
 */
export async function readAlertHistory(
  context: Context<Env>,
  id: string,
  { cursor, limit }: z.output<typeof PageQuery>,
): Promise<z.infer<typeof AlertHistoryPage>> {
  const { userId } = requireActor(context);
  const { db } = context;
  const {
    id: historyId,
    triggeredAt,
    value,
    previousValue,
    threshold,
    unit,
    karat,
    quotedAt,
    sources,
  } = alertHistory;
  const [owned, rows] = await db.batch([
    db
      .select({ id: alerts.id })
      .from(alerts)
      .where(and(eq(alerts.id, id), eq(alerts.userId, userId))),
    db
      .select({ id: historyId, triggeredAt, value, previousValue, threshold, unit, karat, quotedAt, sources })
      .from(alertHistory)
      .where(
        and(
          eq(alertHistory.alertId, id),
          eq(alertHistory.userId, userId),
          cursor === undefined ? undefined : lt(alertHistory.id, readCursor(z.uuid(), cursor)),
        ),
      )
      .orderBy(desc(alertHistory.id))
      .limit(limit + 1),
  ]);
  if (owned.length === 0) throw new AppError("not_found", "You have no such alert.");
  const { items, nextCursor } = toPage(rows, limit, (row) => row.id);
  const shown = items.map((row) => ({
    ...row,
    triggeredAt: row.triggeredAt.toISOString(),
    quotedAt: row.quotedAt.toISOString(),
  }));
  return AlertHistoryPage.parse({ items: shown, nextCursor });
}
