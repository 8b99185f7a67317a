import { securityEvents } from "@souk/db/schema/auth-security-events";
import type { Context } from "@souk/kit/context";
import { type PageQuery, readCursor, toPage } from "@souk/kit/pagination";
import { requireActor } from "@souk/kit/route";
import { and, desc, eq, gt, lt } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";
import { SecurityEventDetails, type SecurityEventPage } from "../security-event-schemas.ts";

/**
 * What happened to the actor's account within 90 days, newest first.
 * @throws AppError unauthorized, invalid_cursor
 */
export async function listSecurityEvents(
  context: Context<Env>,
  { cursor, limit }: z.output<typeof PageQuery>,
): Promise<SecurityEventPage> {
  const { userId } = requireActor(context);
  const after = cursor === undefined ? undefined : readCursor(z.uuid(), cursor);
  const { id, occurredAt, count } = securityEvents;
  const rows = await context.db
    .select()
    .from(securityEvents)
    .where(
      and(
        eq(securityEvents.userId, userId),
        gt(count, 0),
        gt(occurredAt, later(context.now(), -LIMITS.securityEvent)),
        after === undefined ? undefined : lt(id, after),
      ),
    )
    .orderBy(desc(id))
    .limit(limit + 1);
  const items = rows.map((row) => ({
    id: row.id,
    type: row.type,
    occurredAt: row.occurredAt.toISOString(),
    count: row.count,
    device: row.device,
    address: row.ip,
    details: SecurityEventDetails.parse(row.details),
  }));
  return toPage(items, limit, (event) => event.id);
}
