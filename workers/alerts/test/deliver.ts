import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { EVENTS, type Delivery, type EventData, type EventType } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import worker from "../src/index.ts";

/** What the Worker's queue would carry of an event about a person. */
export const delivery = <T extends EventType>(
  type: T,
  data: EventData<T> & { userId: string },
): Delivery => ({
  subscriber: "alerts",
  event: {
    specversion: "1.0",
    id: uuidv7(new Date()),
    type,
    source: "souk/auth",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    aggregateid: data.userId,
    version: EVENTS[type].version,
    traceparent: null,
    data,
  },
});

/** Has the Worker consume deliveries as one batch. @returns how many it acknowledged */
export const deliver = (...deliveries: Delivery[]): Promise<number> => deliverTo(env, ...deliveries);

/** The same, in an environment of one's own. */
export async function deliverTo(environment: object, ...deliveries: Delivery[]): Promise<number> {
  const batch = createMessageBatch<Delivery>(
    "alerts-events",
    deliveries.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body })),
  );
  const executionContext = createExecutionContext();
  await worker.queue(batch, environment, executionContext);
  return (await getQueueResult(batch, executionContext)).explicitAcks.length;
}
