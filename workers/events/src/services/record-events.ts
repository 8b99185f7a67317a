import { log } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { EVENT_TYPES, EVENTS, isDrained, type EventType } from "@souk/kit/events";
import { traceparent } from "@souk/kit/trace";
import { z } from "zod";
import type { Env } from "../env.ts";

/** What a Worker without a database may have told. */
const TELLS: Record<string, readonly EventType[]> = { gateway: ["control.changed"] };

const Recorded = z.array(
  z.object({
    id: z.uuid(),
    type: z.enum(EVENT_TYPES),
    aggregateId: z.string().min(1),
    occurredAt: z.iso.datetime(),
    data: z.record(z.string(), z.unknown()),
  }),
);

/**
 * Appends events of a Worker that has no database to the log. Those that are there already stay as they are.
 * @throws AppError forbidden: a type that the caller does not tell; ZodError: no event of the catalogue
 */
export async function recordEvents(context: Context<Env>, caller: string, events: unknown): Promise<void> {
  const rows = Recorded.parse(events).map(({ type, data, occurredAt, ...event }) => {
    if (TELLS[caller]?.includes(type) !== true)
      throw new AppError("forbidden", `This caller does not tell of ${type}.`);
    return {
      ...event,
      type,
      version: EVENTS[type].version,
      source: caller,
      data: EVENTS[type].data.parse(data),
      traceparent: traceparent(context.trace),
      occurredAt: new Date(occurredAt),
      sentAt: isDrained(type) ? null : context.now(),
    };
  });
  if (rows.length > 0) await context.db.insert(log).values(rows).onConflictDoNothing();
}
