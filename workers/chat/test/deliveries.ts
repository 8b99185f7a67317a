import { env } from "cloudflare:workers";
import type { Delivery, EventData, EventType } from "@souk/kit/events";
import { consumeBatch, deliveryTo } from "../../../test/deliveries.ts";
import worker from "../src/index.ts";

/** An event as the chat queue carries it. */
export const delivery = <T extends EventType>(
  type: T,
  data: EventData<T>,
  time = new Date().toISOString(),
): Delivery => deliveryTo("chat", type, data, time);

/** Has the Worker consume deliveries as one batch; with another environment where one is given. */
export const consumeAll = (deliveries: Delivery[], environment: object = env) =>
  consumeBatch(worker, "chat-events", environment, deliveries);
