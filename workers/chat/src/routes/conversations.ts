import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import {
  Conversation,
  ConversationId,
  ConversationPage,
  ConversationQuery,
  NewConversation,
} from "../schemas/conversation.ts";
import { beginConversation } from "../services/begin-conversation.ts";
import { listConversations } from "../services/list-conversations.ts";
import { readConversation } from "../services/read-conversation.ts";

const tags = ["conversations"];
const one = { content: { "application/json": { schema: Conversation } } };

const begin = defineRoute({
  method: "post",
  path: "/api/v1/conversations",
  access: "user",
  operationId: "beginConversation",
  summary: "Begin a conversation",
  description:
    "With one person, of which there is one, or a group. Who does not let everyone write to them is asked first; 404 for who has blocked you, 403 for who wants no messages.",
  tags,
  request: { body: { required: true, content: { "application/json": { schema: NewConversation } } } },
  responses: {
    200: { description: "It was there", ...one },
    201: { description: "It is new", ...one },
    404: problem("No such person to you"),
  },
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/conversations",
  access: "user",
  operationId: "listConversations",
  summary: "List my conversations, the latest activity first",
  description: "With what is unread and the last message; or those in which I am asked to take part.",
  tags,
  request: { query: ConversationQuery },
  responses: {
    200: { description: "One page", content: { "application/json": { schema: ConversationPage } } },
  },
});

const read = defineRoute({
  method: "get",
  path: "/api/v1/conversations/{id}",
  access: "friend",
  operationId: "readConversation",
  summary: "Read a conversation",
  description:
    "One that I take part in, as it is at this moment; or one that I took part in, with nothing of what came since.",
  tags,
  request: { params: ConversationId },
  responses: { 200: { description: "The conversation", ...one } },
});

/** Conversations themselves. */
export function registerConversations(app: App<Env>): void {
  app.openapi(begin, async (c) => {
    const { conversation, made } = await beginConversation(c.get("context"), c.req.valid("json"));
    return c.json(conversation, made ? 201 : 200);
  });
  app.openapi(list, async (c) =>
    c.json(await listConversations(c.get("context"), c.req.valid("query")), 200),
  );
  app.openapi(read, async (c) =>
    c.json(await readConversation(c.get("context"), c.req.valid("param").id), 200),
  );
}
