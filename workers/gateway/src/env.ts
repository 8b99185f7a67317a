import { BaseEnv, binding, jsonVariable } from "@souk/kit/config";
import { z } from "zod";
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
  FLOOD: binding<RateLimit>(),
  STRANGERS: binding<RateLimit>(),
  QUOTA: binding<DurableObjectNamespace<Quota>>(),
  METRICS: binding<DurableObjectNamespace<Metrics>>(),
  /** Where spans go by OTLP/HTTP; empty for nowhere. */
  OTLP_ENDPOINT: z.union([z.literal(""), z.url()]),
  QUOTAS: jsonVariable(Quotas),
});
export type Env = z.infer<typeof Env>;
