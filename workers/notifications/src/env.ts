import { binding, DatabaseEnv, RetrySeconds } from "@souk/kit/config";
import type { DeadLetter } from "@souk/kit/events";
import type { AuthService } from "@souk/kit/rpc";
import { z } from "zod";
import type { PriceRoom } from "./objects/price-room.ts";
import type { UserHub } from "./objects/user-hub.ts";

/** The environment of `notifications`. */
export const Env = DatabaseEnv.extend({
  /** Origins of pages that may open a WebSocket, separated by commas. */
  ALLOWED_ORIGINS: z.string().transform((list) => list.split(",").map((origin) => origin.trim())),
  USER_HUB: binding<DurableObjectNamespace<UserHub>>(),
  PRICE_ROOM: binding<DurableObjectNamespace<PriceRoom>>(),
  AUTH: binding<AuthService>(),
  DEAD_LETTERS: binding<Queue<DeadLetter>>(),
  RETRY_SECONDS: RetrySeconds,
});
export type Env = z.infer<typeof Env>;

/** What a price's room reads of it. */
export const RoomEnv = Env.pick({ VERSION: true, LOG_LEVEL: true, OTLP_ENDPOINT: true, PRICE_ROOM: true });
/** What a hub reads besides. */
export const HubEnv = RoomEnv.extend({ USER_HUB: Env.shape.USER_HUB });
export type HubEnv = z.infer<typeof HubEnv>;
export type RoomEnv = z.infer<typeof RoomEnv>;
