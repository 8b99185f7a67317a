import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { EventsStatus } from "../schemas.ts";
import { readStatus } from "../services/read-status.ts";

const status = defineRoute({
  method: "get",
  path: "/api/v1/events/status",
  access: "admin",
  operationId: "getEventsStatus",
  summary: "Whether events reach their consumers",
  description:
    "What waits in the log, since when, and what consumers gave up. When all is well nothing is older than about a minute.",
  tags: ["events"],
  responses: {
    200: { description: "As of now", content: { "application/json": { schema: EventsStatus } } },
  },
});

export function registerStatus(app: App<Env>): void {
  app.openapi(status, async (c) => c.json(await readStatus(c.get("context")), 200));
}
