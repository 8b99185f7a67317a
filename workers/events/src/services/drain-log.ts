import { stopwatch } from "@souk/db/stopwatch";
import { log } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { EVENTS, SUBSCRIBERS, type EventEnvelope } from "@souk/kit/events";
import { describeError } from "@souk/kit/log";
import { and, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { forgetNotes } from "./forget-notes.ts";
import { sendDeliveries, toEnvelope } from "./send-deliveries.ts";

/** Rows taken at a time, and how long the drain that took them has to send them before another may. */
const BATCH = 200;
const CLAIM_SECONDS = 30;

/** One invocation stays far below the platform's limits; what is left waits for the next wake or the minute sweep. */
const BATCHES_PER_RUN = 50;

type LogRow = typeof log.$inferSelect;

/** Takes the oldest unsent events that no other drain holds. */
const claim = (context: Context<Env>): Promise<LogRow[]> => {
  const unsent = context.db
    .select({ id: log.id })
    .from(log)
    .where(and(isNull(log.sentAt), or(isNull(log.claimedUntil), lt(log.claimedUntil, sql`now()`))))
    .orderBy(log.createdAt, log.id)
    .limit(BATCH)
    .for("update", { skipLocked: true });
  return context.db
    .update(log)
    .set({ claimedUntil: sql`now() + make_interval(secs => ${CLAIM_SECONDS})` })
    .where(inArray(log.id, unsent))
    .returning();
};

/** The envelopes of the rows that are events; what is none can never be sent, is told in the log and not tried again. */
function toEnvelopes(context: Context<Env>, rows: LogRow[]): EventEnvelope[] {
  return rows.flatMap((row) => {
    try {
      return [toEnvelope(row)];
    } catch (error) {
      context.log.error("log row is not an event", {
        eventId: row.id,
        type: row.type,
        error: describeError(error),
      });
      return [];
    }
  });
}

/**
 * Sends what the log holds unsent to the queues of its subscribers, in bounded batches. Safe to run many times at once: a batch is claimed
 * for half a minute, and a drain that dies leaves its batch to the next one, so delivery is at least once.
 * With the end of an erasure on its way, the erased person's words leave the log.
 * @returns how many events were sent
 */
export async function drainLog(context: Context<Env>): Promise<number> {
  const passed = stopwatch();
  let sent = 0;
  for (let batch = 0; batch < BATCHES_PER_RUN; batch++) {
    const rows = await claim(context);
    if (rows.length === 0) break;
    // UPDATE ... RETURNING gives the rows in no order.
    rows.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
    const envelopes = toEnvelopes(context, rows);
    for (const subscriber of SUBSCRIBERS) {
      const theirs = envelopes.filter((event) =>
        (EVENTS[event.type].subscribers as readonly string[]).includes(subscriber),
      );
      if (theirs.length > 0) await sendDeliveries(context, subscriber, theirs);
    }
    await forgetNotes(
      context,
      envelopes.filter(({ type }) => type === "account.erased").map(({ aggregateid }) => aggregateid),
    );
    await context.db
      .update(log)
      .set({ sentAt: sql`now()` })
      .where(
        inArray(
          log.id,
          rows.map((row) => row.id),
        ),
      );
    sent += rows.length;
    if (rows.length < BATCH) break;
  }
  if (sent > 0) context.log.info("events sent", { sent, ms: passed(), database: context.databaseUse });
  return sent;
}
