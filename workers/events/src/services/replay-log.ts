import { log, replays } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { EVENT_TYPES, EVENTS } from "@souk/kit/events";
import { Instant } from "@souk/kit/instant";
import { AppError } from "@souk/kit/errors";
import { readCursor, writeCursor } from "@souk/kit/pagination";
import { REPLAYABLE_DAYS, replayableFrom } from "@souk/kit/retention";
import { requireAdmin } from "@souk/kit/route";
import { and, eq, gte, inArray, lt, sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { REPLAYED, type Replay, type ReplayRequest } from "../schemas.ts";
import { sendDeliveries, toEnvelope } from "./send-deliveries.ts";

/** Rows read at a time; each is 32 KB at most. */
const BATCH = 200;

const Position = z.tuple([Instant, z.uuid()]);

/**
 * Sends a part of the log to one subscriber again, oldest first; only types that it subscribes to. A call goes on where its cursor says
 * and sends so many events at most; each is recorded with who asked, and with what was sent before one that fails. Consumers know each event by its id, so what they have already done
 * is not done twice; they remember that for a time, and what is older is not sent again.
 * @throws AppError unauthorized, forbidden, validation_failed, invalid_cursor
 */
export async function replayLog(context: Context<Env>, request: ReplayRequest): Promise<Replay> {
  const { userId } = requireAdmin(context);
  if (new Date(request.from) < replayableFrom(context.now()))
    throw new AppError("validation_failed", "Consumers may have forgotten what they did so long ago.", {
      details: [{ field: "from", message: `must be within the last ${REPLAYABLE_DAYS} days` }],
    });
  const types = EVENT_TYPES.filter(
    (type) =>
      (EVENTS[type].subscribers as readonly string[]).includes(request.subscriber) &&
      (request.types?.includes(type) ?? true),
  );
  let sent = 0;
  let after = request.cursor === undefined ? undefined : readCursor(Position, request.cursor);
  let more = true;
  // Before anything is sent, so that there is none of which nobody knows who asked.
  const id = context.newId();
  await context.db.insert(replays).values({
    id,
    subscriber: request.subscriber,
    types: request.types ?? null,
    fromTime: new Date(request.from),
    toTime: new Date(request.to),
    requestedBy: userId,
    sent: 0,
  });
  try {
    while (more && sent < REPLAYED) {
      const rows = await context.db
        .select()
        .from(log)
        .where(
          and(
            gte(log.createdAt, new Date(request.from)),
            lt(log.createdAt, new Date(request.to)),
            inArray(log.type, types),
            after && sql`(${log.createdAt}, ${log.id}) > (${after[0]}::timestamptz, ${after[1]}::uuid)`,
          ),
        )
        .orderBy(log.createdAt, log.id)
        .limit(BATCH);
      await sendDeliveries(context, request.subscriber, rows.map(toEnvelope));
      sent += rows.length;
      const last = rows.at(-1);
      if (last !== undefined) after = [last.createdAt.toISOString(), last.id];
      more = rows.length === BATCH;
    }
  } finally {
    await context.db.update(replays).set({ sent }).where(eq(replays.id, id));
  }
  context.log.warn("log replayed", { replayId: id, subscriber: request.subscriber, sent, by: userId });
  return { id, sent, nextCursor: more ? writeCursor(after) : null };
}
