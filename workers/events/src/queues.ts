import type { Delivery, Subscriber } from "@souk/kit/events";
import type { Env } from "./env.ts";

/** The queue of each subscriber. */
export const queueOf = (env: Env, subscriber: Subscriber): Queue<Delivery> =>
  ({
    gateway: env.GATEWAY_QUEUE,
    auth: env.AUTH_QUEUE,
    users: env.USERS_QUEUE,
    alerts: env.ALERTS_QUEUE,
    notifications: env.NOTIFICATIONS_QUEUE,
    "email-urgent": env.EMAIL_URGENT_QUEUE,
    "email-bulk": env.EMAIL_BULK_QUEUE,
    chat: env.CHAT_QUEUE,
  })[subscriber];
