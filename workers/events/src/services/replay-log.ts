import { log, replays } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { EVENT_TYPES, EVENTS } from "@souk/kit/events";
import { requireAdmin } from "@souk/kit/route";
import { and, gte, inArray, lt, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { ReplayRequest } from "../schemas.ts";
import { sendDeliveries, toEnvelope } from "./send-deliveries.ts";

const BATCH = 500;

/**
 * Sends a part of the log to one subscriber again, oldest first; only types that it subscribes to. Recorded with who asked.
 * Consumers know each event by its id, so what they have already done is not done twice.
 * @throws AppError unauthorized, forbidden
 */
export async function replayLog(
  context: Context<Env>,
  request: ReplayRequest,
): Promise<{ id: string; sent: number }> {
  const { userId } = requireAdmin(context);
  const types = EVENT_TYPES.filter(
    (type) =>
      (EVENTS[type].subscribers as readonly string[]).includes(request.subscriber) &&
      (request.types?.includes(type) ?? true),
  );
  let sent = 0;
  let after: { createdAt: Date; id: string } | undefined;
  for (;;) {
    const rows = await context.db
      .select()
      .from(log)
      .where(
        and(
          gte(log.createdAt, new Date(request.from)),
          lt(log.createdAt, new Date(request.to)),
          inArray(log.type, types),
          after &&
            sql`(${log.createdAt}, ${log.id}) > (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`,
        ),
      )
      .orderBy(log.createdAt, log.id)
      .limit(BATCH);
    await sendDeliveries(context, request.subscriber, rows.map(toEnvelope));
    sent += rows.length;
    after = rows.at(-1);
    if (rows.length < BATCH) break;
  }
  const id = context.newId();
  await context.db.insert(replays).values({
    id,
    subscriber: request.subscriber,
    types: request.types ?? null,
    fromTime: new Date(request.from),
    toTime: new Date(request.to),
    requestedBy: userId,
    sent,
  });
  context.log.warn("log replayed", { replayId: id, subscriber: request.subscriber, sent, by: userId });
  return { id, sent };
}
