import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { PresenceList, PresenceQuery } from "../schemas.ts";
import { readPresence } from "../services/read-presence.ts";

const read = defineRoute({
  method: "get",
  path: "/api/v1/presence",
  access: "user",
  operationId: "readPresence",
  summary: "Read who is online",
  description:
    "Of up to 25 people those who let me see when they are active: online with a device that gives signs of life, else since when not.",
  tags: ["conversations"],
  request: { query: PresenceQuery },
  responses: {
    200: { description: "Those I may see", content: { "application/json": { schema: PresenceList } } },
  },
});

/** Who is there. */
export function registerPresence(app: App<Env>): void {
  app.openapi(read, async (c) => c.json(await readPresence(c.get("context"), c.req.valid("query").ids), 200));
}
