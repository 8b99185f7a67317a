import { binding, DatabaseEnv } from "@souk/kit/config";
import type { Delivery } from "@souk/kit/events";
import { z } from "zod";

const queue = () => binding<Queue<Delivery>>();

/** The environment of `events`. */
export const Env = DatabaseEnv.extend({
  GATEWAY_QUEUE: queue(),
  AUTH_QUEUE: queue(),
  USERS_QUEUE: queue(),
  ALERTS_QUEUE: queue(),
  NOTIFICATIONS_QUEUE: queue(),
  EMAIL_URGENT_QUEUE: queue(),
  EMAIL_BULK_QUEUE: queue(),
  CHAT_QUEUE: queue(),
});
export type Env = z.infer<typeof Env>;
