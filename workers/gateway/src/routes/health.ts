import type { App } from "@souk/kit/app";
import { Health, health } from "@souk/kit/health";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";

const route = defineRoute({
  method: "get",
  path: "/health",
  access: "public",
  operationId: "getHealth",
  summary: "Whether the platform answers",
  description:
    "Answered at the edge without asking any other part. `uptime` is the age of the isolate that answers, in seconds.",
  tags: ["operations"],
  responses: { 200: { description: "It does", content: { "application/json": { schema: Health } } } },
});

export function registerHealth(app: App<Env>): void {
  app.openapi(route, (c) => c.json(health(c.get("context")), 200));
}
