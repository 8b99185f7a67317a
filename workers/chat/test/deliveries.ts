import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Delivery, EventData, EventType } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import worker from "../src/index.ts";

/** An event as the chat queue carries it. */
export function delivery<T extends EventType>(
  type: T,
  data: EventData<T>,
  time = new Date().toISOString(),
): Delivery {
  return {
    subscriber: "chat",
    event: {
      specversion: "1.0",
      id: uuidv7(new Date()),
      type,
      source: "test",
      time,
      datacontenttype: "application/json",
      aggregateid: "test",
      version: 1,
      traceparent: null,
      data,
    },
  };
}

/** Has the Worker consume deliveries as one batch; with another environment where one is given. */
export async function consumeAll(deliveries: Delivery[], environment: object = env) {
  const batch = createMessageBatch<Delivery>(
    "chat-events",
    deliveries.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body })),
  );
  const executionContext = createExecutionContext();
  await worker.queue(batch, environment, executionContext);
  return getQueueResult(batch, executionContext);
}
