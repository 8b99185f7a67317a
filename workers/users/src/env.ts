import { binding, DatabaseEnv, RetrySeconds } from "@souk/kit/config";
import type { DeadLetter } from "@souk/kit/events";
import type { AuthService, EventsService } from "@souk/kit/rpc";
import type { z } from "zod";

/** The environment of `users`. */
export const Env = DatabaseEnv.extend({
  EVENTS: binding<EventsService>(),
  AUTH: binding<AuthService>(),
  DEAD_LETTERS: binding<Queue<DeadLetter>>(),
  RETRY_SECONDS: RetrySeconds,
});
export type Env = z.infer<typeof Env>;
