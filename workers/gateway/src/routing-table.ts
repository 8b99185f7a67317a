import { SCOPE_NAMES } from "@souk/kit/permissions";
import { ACCESS, CachePolicy, Lifecycle } from "@souk/kit/route";
import { z } from "zod";
import generated from "./routes.json" with { type: "json" };
import { WORKER_NAMES } from "./workers.ts";

/** One path of the API: the Worker that serves it, and who may call which method. */
export const RouteRow = z.object({
  /** An OpenAPI template, `/api/v1/alerts/{id}`. */
  path: z.string().startsWith("/"),
  worker: z.enum(["gateway", ...WORKER_NAMES]),
  methods: z.record(z.string(), z.enum(ACCESS)),
  /** What an API key must have been given, by method; a method without one takes no key. */
  scopes: z.record(z.string(), z.enum(SCOPE_NAMES)).optional(),
  /** What a call takes of the caller's quota, by method; 1 where it is left out. */
  costs: z.record(z.string(), z.int().min(1)).optional(),
  /** Of the methods that are deprecated. */
  lifecycles: z.record(z.string(), Lifecycle).optional(),
  /** How answers to GET are kept, and the query parameters that they depend on. */
  cache: CachePolicy.extend({ query: z.array(z.string()) }).optional(),
});
export type RouteRow = z.infer<typeof RouteRow>;

/** Every path of the API, from what the Workers' routes declare (`npm run openapi`). */
export const ROUTING_TABLE = z.array(RouteRow).parse(generated);
