import { binding, DatabaseEnv, RetrySeconds } from "@souk/kit/config";
import type { DeadLetter } from "@souk/kit/events";
import type { AuthService, EventsService, NotificationsService, UsersService } from "@souk/kit/rpc";
import { z } from "zod";
import type { Conversation } from "./objects/conversation.ts";
import type { Eraser } from "./objects/eraser.ts";
import type { Register } from "./objects/register.ts";
import type { RoomCloser } from "./objects/room-closer.ts";
import type { RoomShard } from "./objects/room-shard.ts";

/** The environment of `chat`. */
export const Env = DatabaseEnv.extend({
  /** Origins of pages that may open a WebSocket, separated by commas. */
  ALLOWED_ORIGINS: z.string().transform((list) => list.split(",").map((origin) => origin.trim())),
  CONVERSATION: binding<DurableObjectNamespace<Conversation>>(),
  ROOM: binding<DurableObjectNamespace<RoomShard>>(),
  ERASER: binding<DurableObjectNamespace<Eraser>>(),
  ROOM_CLOSER: binding<DurableObjectNamespace<RoomCloser>>(),
  REGISTER: binding<DurableObjectNamespace<Register>>(),
  EVENTS: binding<EventsService>(),
  AUTH: binding<AuthService>(),
  USERS: binding<UsersService>(),
  NOTIFICATIONS: binding<NotificationsService>(),
  DEAD_LETTERS: binding<Queue<DeadLetter>>(),
  RETRY_SECONDS: RetrySeconds,
});
export type Env = z.infer<typeof Env>;
