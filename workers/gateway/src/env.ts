import { BaseEnv, binding, jsonVariable, RetrySeconds } from "@souk/kit/config";
import type { DeadLetter } from "@souk/kit/events";
import type { AuthService, EventRecorder } from "@souk/kit/rpc";
import { z } from "zod";
import type { Control } from "./objects/control.ts";
import type { Metrics } from "./objects/metrics.ts";
import type { Quota } from "./objects/quota.ts";
import { Quotas } from "./quotas/tiers.ts";

/** The gateway's environment. It has no database. */
export const Env = BaseEnv.extend({
  ISSUER: z.url(),
  AUDIENCE: z.string().min(1),
  /** Origins of the apps that may call from a browser, with commas between. */
  CORS_ORIGINS: z.string().transform((list) => list.split(",").map((origin) => origin.trim())),
  ASSETS: binding<Fetcher>(),
  AUTH: binding<Fetcher>(),
  USERS: binding<Fetcher>(),
  ALERTS: binding<Fetcher>(),
  NOTIFICATIONS: binding<Fetcher>(),
  EMAIL: binding<Fetcher>(),
  EVENTS: binding<Fetcher>(),
  CHAT: binding<Fetcher>(),
  /** Asked by `Control`, and for API keys. */
  AUTH_RPC: binding<Pick<AuthService, "revokedSessions" | "apiKey">>(),
  /** Told by `Control` what admins changed. */
  EVENTS_RPC: binding<EventRecorder>(),
  CONTROL: binding<DurableObjectNamespace<Control>>(),
  FLOOD: binding<RateLimit>(),
  STRANGERS: binding<RateLimit>(),
  QUOTA: binding<DurableObjectNamespace<Quota>>(),
  METRICS: binding<DurableObjectNamespace<Metrics>>(),
  DEAD_LETTERS: binding<Queue<DeadLetter>>(),
  RETRY_SECONDS: RetrySeconds,
  QUOTAS: jsonVariable(Quotas),
});
export type Env = z.infer<typeof Env>;

/** What the Durable Object `Control` reads of it. */
export const ControlEnv = Env.pick({
  VERSION: true,
  LOG_LEVEL: true,
  OTLP_ENDPOINT: true,
  AUTH_RPC: true,
  EVENTS_RPC: true,
});
export type ControlEnv = z.infer<typeof ControlEnv>;
