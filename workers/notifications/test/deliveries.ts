import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Delivery, EventData, EventType } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import worker from "../src/index.ts";

/** An event as the notifications queue carries it. */
export function delivery<T extends EventType>(
  type: T,
  data: EventData<T>,
  time = "2026-10-01T12:00:00.000Z",
): Delivery {
  return {
    subscriber: "notifications",
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

/** What the crossing of an alert tells. */
export const alert = (userId: string, facts: Partial<EventData<"alert.triggered">> = {}): Delivery =>
  delivery("alert.triggered", {
    alertId: uuidv7(new Date()),
    historyId: uuidv7(new Date()),
    userId,
    metal: "XAU",
    currency: "USD",
    type: "above",
    threshold: "1000",
    unit: "toz",
    karat: 24,
    price: "1134.72",
    note: null,
    quotedAt: "2009-11-02T00:00:00Z",
    triggeredAt: "2009-11-02T00:05:00Z",
    ...facts,
  });

/** What became of the mail about an event. */
export const mail = (userId: string, causeId: string, status: "sent" | "failed", time?: string): Delivery => {
  const facts = { emailId: uuidv7(new Date()), userId, template: "alert-triggered", causeId };
  return status === "sent"
    ? delivery("email.sent", facts, time)
    : delivery("email.failed", { ...facts, reason: "550 no such user" }, time);
};

/** The master switch of a person's preferences was turned. */
export const switched = (userId: string, notifications: boolean, updatedAt: string): Delivery =>
  delivery("preferences.updated", { userId, notifications, updatedAt });

/** Has the Worker consume deliveries as one batch. */
export const consumeAll = (...deliveries: Delivery[]) => consumeWith(env, ...deliveries);

/** The same with another environment, e.g. one whose hubs are away. */
export async function consumeWith(environment: object, ...deliveries: Delivery[]) {
  const batch = createMessageBatch<Delivery>(
    "notifications-events",
    deliveries.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body })),
  );
  const executionContext = createExecutionContext();
  await worker.queue(batch, environment, executionContext);
  return getQueueResult(batch, executionContext);
}
