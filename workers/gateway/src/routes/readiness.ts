import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Readiness } from "../schemas.ts";
import { checkReadiness } from "../services/check-readiness.ts";

const route = defineRoute({
  method: "get",
  path: "/api/v1/admin/readiness",
  access: "admin",
  operationId: "getReadiness",
  cost: 10,
  summary: "Whether each Worker and its database answer",
  description: "Asks all at once. The answer is 200 also when some are not ready: read it.",
  tags: ["operations"],
  responses: {
    200: {
      description: "What each answered within 2 s",
      content: { "application/json": { schema: Readiness } },
    },
  },
});

export function registerReadiness(app: App<Env>): void {
  app.openapi(route, async (c) => c.json(await checkReadiness(c.get("context")), 200));
}
