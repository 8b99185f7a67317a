import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { PresenceList, PresenceQuery, PresenceWatch, WatchedPresence } from "../schemas/presence.ts";
import { readPresence } from "../services/read-presence.ts";
import { watchPresence } from "../services/watch-presence.ts";

const read = defineRoute({
  method: "get",
  path: "/api/v1/presence",
  access: "user",
  operationId: "readPresence",
  summary: "Read who is online",
  description:
    "Of up to 25 people those who let me see when they are active: online with a device that somebody uses, away with devices that nobody uses, else since when not. Changes for the worse show after ten seconds.",
  tags: ["conversations"],
  request: { query: PresenceQuery },
  responses: {
    200: { description: "Those I may see", content: { "application/json": { schema: PresenceList } } },
  },
});

const watch = defineRoute({
  method: "put",
  path: "/api/v1/presence/watch",
  access: "user",
  operationId: "watchPresence",
  summary: "Watch who is online",
  description:
    "The same, and each change is pushed to the channel `presence` of my hub for five minutes. Asking again prolongs it, and asks again who lets me see it.",
  tags: ["conversations"],
  request: { body: { required: true, content: { "application/json": { schema: PresenceWatch } } } },
  responses: {
    200: { description: "Those I may see", content: { "application/json": { schema: WatchedPresence } } },
  },
});

/** Who is there. */
export function registerPresence(app: App<Env>): void {
  app.openapi(read, async (c) => c.json(await readPresence(c.get("context"), c.req.valid("query").ids), 200));
  app.openapi(watch, async (c) =>
    c.json(await watchPresence(c.get("context"), c.req.valid("json").userIds), 200),
  );
}
