import { ACCESS, CachePolicy } from "@souk/kit/route";
import { z } from "zod";
import generated from "./routes.json" with { type: "json" };
import { WORKER_NAMES } from "./workers.ts";

/** One path of the API: the Worker that serves it, and who may call which method. */
export const RouteRow = z.object({
  /** An OpenAPI template, `/api/v1/alerts/{id}`. */
  path: z.string().startsWith("/"),
  worker: z.enum(["gateway", ...WORKER_NAMES]),
  methods: z.record(z.string(), z.enum(ACCESS)),
  /** How answers to GET are kept, and the query parameters that they depend on. */
  cache: CachePolicy.extend({ query: z.array(z.string()) }).optional(),
});
export type RouteRow = z.infer<typeof RouteRow>;

/** Every path of the API, from what the Workers' routes declare (`npm run openapi`). */
export const ROUTING_TABLE = z.array(RouteRow).parse(generated);
