import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { EVENTS, type Delivery, type EventData, type EventType } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";

/** An event as the queue of a subscriber carries it. */
export const deliveryTo = <T extends EventType>(
  subscriber: Delivery["subscriber"],
  type: T,
  data: EventData<T>,
  time: string,
): Delivery => ({
  subscriber,
  event: {
    specversion: "1.0",
    id: uuidv7(new Date()),
    type,
    source: "test",
    time,
    datacontenttype: "application/json",
    aggregateid: "test",
    version: EVENTS[type].version,
    traceparent: null,
    data,
  },
});

/** Has a Worker consume deliveries as one batch of a queue of its. */
export async function consumeBatch(
  worker: { queue: (batch: MessageBatch, environment: object, context: ExecutionContext) => Promise<void> },
  queue: string,
  environment: object,
  deliveries: Delivery[],
) {
  const batch = createMessageBatch<Delivery>(
    queue,
    deliveries.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body })),
  );
  const executionContext = createExecutionContext();
  await worker.queue(batch, environment, executionContext);
  return getQueueResult(batch, executionContext);
}
