import { binding, DatabaseEnv, RetrySeconds } from "@souk/kit/config";
import type { DeadLetter } from "@souk/kit/events";
import type { AuthService, EventsService, UsersService } from "@souk/kit/rpc";
import type { z } from "zod";
import type { Conversation } from "./objects/conversation.ts";

/** The environment of `chat`. */
export const Env = DatabaseEnv.extend({
  CONVERSATION: binding<DurableObjectNamespace<Conversation>>(),
  EVENTS: binding<EventsService>(),
  AUTH: binding<AuthService>(),
  USERS: binding<UsersService>(),
  DEAD_LETTERS: binding<Queue<DeadLetter>>(),
  RETRY_SECONDS: RetrySeconds,
});
export type Env = z.infer<typeof Env>;
