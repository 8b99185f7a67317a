import { z } from "@hono/zod-openapi";
import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { readFlags } from "../services/read-flags.ts";

const Flags = z
  .object({ flags: z.record(z.string(), z.boolean()).openapi({ example: { "new-checkout": true } }) })
  .openapi("Flags");

const route = defineRoute({
  method: "get",
  path: "/api/v1/flags",
  access: "public",
  operationId: "readFlags",
  summary: "Read the feature flags of the caller",
  description: "At most 10 s old. Without a token only flags are on that are on for all.",
  tags: ["operations"],
  responses: {
    200: { description: "Each flag, on or off", content: { "application/json": { schema: Flags } } },
  },
});

export function registerFlags(app: App<Env>): void {
  app.openapi(route, async (c) =>
    c.json({ flags: await readFlags(c.get("context")) }, 200, { "cache-control": "no-store" }),
  );
}
