import { log } from "@souk/db/schema/events";
import { sql, type SQL } from "drizzle-orm";
import type { Context } from "./context.ts";
import { EVENTS, isDrained, type EventData, type EventType } from "./events.ts";
import { traceparent } from "./trace.ts";

type EventRow = typeof log.$inferInsert;

/**
 * A row for `events.log`, to be inserted in the transaction whose effect it tells. What is not drained is there as sent.
 * @param aggregateId the id of the thing that the event is about
 * @throws ZodError when the data is not what the catalogue says
 */
export function eventRow<T extends EventType>(
  context: Context,
  type: T,
  aggregateId: string,
  data: EventData<T>,
): EventRow {
  const drained = isDrained(type);
  if (drained) context.appended.events = true;
  return {
    id: context.newId(),
    type,
    version: EVENTS[type].version,
    source: context.service,
    aggregateId,
    data: EVENTS[type].data.parse(data),
    traceparent: traceparent(context.trace),
    impersonatedBy: context.actor?.impersonatedBy ?? null,
    occurredAt: context.now(),
    sentAt: drained ? null : context.now(),
  };
}

/**
 * SQL that appends one event for each row of another part of the same statement, for use in a CTE:
 * `WITH changed AS (UPDATE ... RETURNING *), event AS (${appendEvents(context, "alert.triggered", { from: sql`changed`, ... })}) ...`.
 * @param options.from the CTE to read
 * @param options.id each event's id; without it a single new id, for a CTE of at most one row
 * @param options.aggregateId an expression over the CTE's columns
 * @param options.data a jsonb expression that makes what the catalogue says
 */
export function appendEvents<T extends EventType>(
  context: Context,
  type: T,
  options: { from: SQL; id?: SQL; aggregateId: SQL; data: SQL },
): SQL {
  const drained = isDrained(type);
  if (drained) context.appended.events = true;
  const now = context.now().toISOString();
  return sql`INSERT INTO ${log} (id, type, version, source, aggregate_id, data, traceparent, impersonated_by, occurred_at, sent_at)
    SELECT ${options.id ?? sql`${context.newId()}::uuid`}, ${type}, ${EVENTS[type].version}::int, ${context.service}, ${options.aggregateId},
      ${options.data}, ${traceparent(context.trace)}, ${context.actor?.impersonatedBy ?? null}::uuid, ${now}::timestamptz,
      ${drained ? null : now}::timestamptz FROM ${options.from}`;
}
