import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Replay, ReplayRequest } from "../schemas.ts";
import { replayLog } from "../services/replay-log.ts";

const create = defineRoute({
  method: "post",
  path: "/api/v1/events/replays",
  access: "admin",
  operationId: "replayEvents",
  summary: "Send a part of the event log to one subscriber again",
  description:
    "Oldest first, only types that the subscriber takes. One call sends a bounded number; `nextCursor` says where the next goes on. " +
    "Consumers know each event by its id, so what they have done is not done twice.",
  tags: ["events"],
  request: { body: { required: true, content: { "application/json": { schema: ReplayRequest } } } },
  responses: { 201: { description: "Sent", content: { "application/json": { schema: Replay } } } },
});

export function registerReplays(app: App<Env>): void {
  app.openapi(create, async (c) => c.json(await replayLog(c.get("context"), c.req.valid("json")), 201));
}
