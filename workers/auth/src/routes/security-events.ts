import type { App } from "@souk/kit/app";
import { PageQuery } from "@souk/kit/pagination";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { SecurityEventPage } from "../security-event-schemas.ts";
import { listSecurityEvents } from "../services/list-security-events.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/auth/security-events",
  access: "user",
  operationId: "listSecurityEvents",
  summary: "What happened to one's account, newest first",
  description:
    "Sign-ins and failed ones, and every change of what protects the account, for 90 days. Failed attempts of one network and hour are one item with their count.",
  tags: ["auth"],
  request: { query: PageQuery },
  responses: {
    200: { description: "The events", content: { "application/json": { schema: SecurityEventPage } } },
  },
});

export function registerSecurityEvents(app: App<Env>): void {
  app.openapi(list, async (c) =>
    c.json(await listSecurityEvents(c.get("context"), c.req.valid("query")), 200),
  );
}
