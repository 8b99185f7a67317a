import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import { CachePurge } from "../control/cache-purge.ts";
import type { Env } from "../env.ts";
import { purgeCache } from "../services/purge-cache.ts";

const purge = defineRoute({
  method: "post",
  path: "/api/v1/admin/cache/purges",
  access: "admin",
  operationId: "purgeCache",
  summary: "Purge kept answers",
  description:
    "Nothing that was kept before under one of these tags is given any more, in any data centre, within 10 s; not even while the Worker fails.",
  tags: ["operations"],
  request: { body: { required: true, content: { "application/json": { schema: CachePurge } } } },
  responses: { 204: { description: "Purged" } },
});

export function registerCachePurges(app: App<Env>): void {
  app.openapi(purge, async (c) => {
    await purgeCache(c.get("context"), c.req.valid("json"));
    return c.body(null, 204);
  });
}
