import { z } from "@hono/zod-openapi";
import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { readMetrics } from "../services/read-metrics.ts";

/** Prometheus asks for the version of its text format. */
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const route = defineRoute({
  method: "get",
  path: "/metrics",
  access: "admin",
  operationId: "getMetrics",
  summary: "Metrics of the gateway in Prometheus text",
  description:
    "Counters and histograms by method, route template and status, summed over all isolates since the first one. An isolate reports within 5 s of a request.",
  tags: ["operations"],
  responses: { 200: { description: "The metrics", content: { "text/plain": { schema: z.string() } } } },
});

export function registerMetrics(app: App<Env>): void {
  app.openapi(route, async (c) =>
    c.text(await readMetrics(c.get("context")), 200, { "content-type": CONTENT_TYPE }),
  );
}
