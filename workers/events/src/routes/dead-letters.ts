import { z } from "@hono/zod-openapi";
import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { DeadLetterPage, DeadLetterQuery } from "../schemas.ts";
import { listDeadLetters } from "../services/list-dead-letters.ts";
import { replayDeadLetter } from "../services/replay-dead-letter.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/events/dead-letters",
  access: "admin",
  operationId: "listDeadLetters",
  summary: "List messages that a consumer gave up",
  description: "Newest first, each with the reason and the number of attempts.",
  tags: ["events"],
  request: { query: DeadLetterQuery },
  responses: {
    200: { description: "A page, newest first", content: { "application/json": { schema: DeadLetterPage } } },
  },
});

const replay = defineRoute({
  method: "post",
  path: "/api/v1/events/dead-letters/{id}/replay",
  access: "admin",
  operationId: "replayDeadLetter",
  summary: "Send a dead letter to its consumer again",
  description:
    "To be done once the cause is mended. What a consumer has already done for the event it does not do again.",
  tags: ["events"],
  request: { params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: "Sent" },
    409: problem("The message is no event"),
  },
});

export function registerDeadLetters(app: App<Env>): void {
  app.openapi(list, async (c) => {
    const page = await listDeadLetters(c.get("context"), c.req.valid("query"));
    return c.json(page, 200);
  });
  app.openapi(replay, async (c) => {
    await replayDeadLetter(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
}
