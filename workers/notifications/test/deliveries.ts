import { env } from "cloudflare:workers";
import type { Delivery, EventData, EventType } from "@souk/kit/events";
import { uuidv7 } from "@souk/kit/ids";
import { consumeBatch, deliveryTo } from "../../../test/deliveries.ts";
import worker from "../src/index.ts";

/** An event as the notifications queue carries it. */
export const delivery = <T extends EventType>(
  type: T,
  data: EventData<T>,
  time = "2026-10-01T12:00:00.000Z",
): Delivery => deliveryTo("notifications", type, data, time);

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
export const consumeWith = (environment: object, ...deliveries: Delivery[]) =>
  consumeBatch(worker, "notifications-events", environment, deliveries);
