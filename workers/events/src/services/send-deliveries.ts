import type { log } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { EventEnvelope, type Delivery, type Subscriber } from "@souk/kit/events";
import { callTimeout } from "@souk/kit/resilience";
import type { Env } from "../env.ts";
import { queueOf } from "../queues.ts";

type LogRow = typeof log.$inferSelect;

/** The platform takes at most 100 messages and 256 KB in one call; events are small, so the second bound needs half the first. */
const MESSAGES_PER_CALL = 100;
const BYTES_PER_CALL = 200_000;

/** A row of the log as it travels. */
export const toEnvelope = (row: LogRow): EventEnvelope =>
  EventEnvelope.parse({
    specversion: "1.0",
    id: row.id,
    type: row.type,
    source: `souk/${row.source}`,
    time: row.occurredAt.toISOString(),
    datacontenttype: "application/json",
    aggregateid: row.aggregateId,
    version: row.version,
    traceparent: row.traceparent,
    data: row.data,
  });

/** Splits deliveries into calls that the platform accepts. */
function* calls(deliveries: Delivery[]): Generator<{ body: Delivery }[]> {
  let call: { body: Delivery }[] = [];
  let bytes = 0;
  const encoder = new TextEncoder();
  for (const body of deliveries) {
    const size = encoder.encode(JSON.stringify(body)).length;
    if (call.length === MESSAGES_PER_CALL || (call.length > 0 && bytes + size > BYTES_PER_CALL)) {
      yield call;
      call = [];
      bytes = 0;
    }
    call.push({ body });
    bytes += size;
  }
  if (call.length > 0) yield call;
}

/**
 * Sends events to one subscriber's queue, in the order given.
 * @throws what the queue throws, or TaskCancelledError when it does not answer; some may have been sent, and will be again
 */
export async function sendDeliveries(
  context: Context<Env>,
  subscriber: Subscriber,
  envelopes: EventEnvelope[],
): Promise<void> {
  const queue = queueOf(context.env, subscriber);
  for (const call of calls(envelopes.map((event) => ({ subscriber, event }))))
    await callTimeout.execute(() => queue.sendBatch(call));
}
