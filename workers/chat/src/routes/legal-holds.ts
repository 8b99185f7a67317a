import type { App } from "@souk/kit/app";
import { PageQuery } from "@souk/kit/pagination";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { ConversationId } from "../schemas/conversation.ts";
import { HeldMessagePage, LegalHold, LegalHoldPage, NewLegalHold } from "../schemas/legal-hold.ts";
import { endLegalHold } from "../services/end-legal-hold.ts";
import { holdConversation } from "../services/hold-conversation.ts";
import { listLegalHolds } from "../services/list-legal-holds.ts";
import { readHeldMessages } from "../services/read-held-messages.ts";

const PATH = "/api/v1/legal-holds";
const tags = ["legal-holds"];

const hold = defineRoute({
  method: "put",
  path: `${PATH}/{id}`,
  access: "admin",
  operationId: "holdConversation",
  summary: "Hold a conversation",
  description:
    "By its id. What is edited, deleted, removed, expires or is erased from now on is kept, for the readers of the hold alone; members are not told. Of one that is held the latest reason counts.",
  tags,
  request: {
    params: ConversationId,
    body: { required: true, content: { "application/json": { schema: NewLegalHold } } },
  },
  responses: { 200: { description: "The hold", content: { "application/json": { schema: LegalHold } } } },
});

const list = defineRoute({
  method: "get",
  path: PATH,
  access: "admin",
  operationId: "listLegalHolds",
  summary: "List the conversations that are held",
  description: "The latest first. One that was begun or ended just now may take a few seconds to follow.",
  tags,
  request: { query: PageQuery },
  responses: {
    200: { description: "One page", content: { "application/json": { schema: LegalHoldPage } } },
  },
});

const read = defineRoute({
  method: "get",
  path: `${PATH}/{id}/messages`,
  access: "admin",
  operationId: "readHeldMessages",
  summary: "Read what a hold has kept",
  description:
    "In the order in which it was taken away. Who read it, and when, is recorded. What nobody took away is in the conversation and not here.",
  tags,
  request: { params: ConversationId, query: PageQuery },
  responses: {
    200: { description: "One page", content: { "application/json": { schema: HeldMessagePage } } },
  },
});

const end = defineRoute({
  method: "delete",
  path: `${PATH}/{id}`,
  access: "admin",
  operationId: "endLegalHold",
  summary: "End a hold",
  description: "What was kept goes for good. Who ended it, and when, is recorded.",
  tags,
  request: { params: ConversationId },
  responses: { 204: { description: "It is not held any more" } },
});

/** Conversations of which nothing may be lost. */
export function registerLegalHolds(app: App<Env>): void {
  app.openapi(hold, async (c) =>
    c.json(
      await holdConversation(c.get("context"), c.req.valid("param").id, c.req.valid("json").reason),
      200,
    ),
  );
  app.openapi(list, async (c) => c.json(await listLegalHolds(c.get("context"), c.req.valid("query")), 200));
  app.openapi(read, async (c) =>
    c.json(await readHeldMessages(c.get("context"), c.req.valid("param").id, c.req.valid("query")), 200),
  );
  app.openapi(end, async (c) => {
    await endLegalHold(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
}
