import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { ConversationId } from "../schemas/conversation.ts";
import {
  EarlierTexts,
  FoundMessages,
  Message,
  MessageChange,
  MessageList,
  MessageParams,
  MessageSearch,
  Reaction,
} from "../schemas/message.ts";
import { deleteMessage } from "../services/delete-message.ts";
import { editMessage } from "../services/edit-message.ts";
import { hideMessage } from "../services/hide-message.ts";
import { listEdits } from "../services/list-edits.ts";
import { listPins } from "../services/list-pins.ts";
import { pinMessage } from "../services/pin-message.ts";
import { reactToMessage } from "../services/react-to-message.ts";
import { searchMessages } from "../services/search-messages.ts";

const PATH = "/api/v1/conversations/{id}/messages/{seq}";
const tags = ["conversations"];
const one = { description: "The message now", content: { "application/json": { schema: Message } } };
const gone = problem("The message was deleted, or may not be changed any more");

const edit = defineRoute({
  method: "put",
  path: PATH,
  access: "friend",
  operationId: "editMessage",
  summary: "Edit one of my messages",
  description: "For a day after it was sent, and a few times. What it said before stays to be read.",
  tags,
  request: {
    params: MessageParams,
    body: { required: true, content: { "application/json": { schema: MessageChange } } },
  },
  responses: { 200: one, 409: gone },
});

const remove = defineRoute({
  method: "delete",
  path: PATH,
  access: "friend",
  operationId: "deleteMessage",
  summary: "Delete a message for everybody",
  description:
    "One of mine for a day after it was sent; as an owner or admin of a group any. Its place stays, empty. A repeat changes nothing.",
  tags,
  request: { params: MessageParams },
  responses: { 200: one, 409: gone },
});

const hide = defineRoute({
  method: "put",
  path: `${PATH}/hidden`,
  access: "friend",
  operationId: "hideMessage",
  summary: "Delete a message for myself",
  description:
    "On all my devices its place stays, empty; others see it as ever. There is no way back. A repeat changes nothing.",
  tags,
  request: { params: MessageParams },
  responses: { 200: one },
});

const edits = defineRoute({
  method: "get",
  path: `${PATH}/edits`,
  access: "friend",
  operationId: "listMessageEdits",
  summary: "Read what a message said before",
  description: "All that it said before it was edited, the oldest first, for everybody who may read it.",
  tags,
  request: { params: MessageParams },
  responses: {
    200: { description: "Earlier texts", content: { "application/json": { schema: EarlierTexts } } },
  },
});

const react = defineRoute({
  method: "put",
  path: `${PATH}/reactions`,
  access: "friend",
  operationId: "reactToMessage",
  summary: "React to a message, or take that back",
  description: "One of each emoji for each person. A repeat changes nothing.",
  tags,
  request: {
    params: MessageParams,
    body: { required: true, content: { "application/json": { schema: Reaction } } },
  },
  responses: { 200: one, 409: gone },
});

const pinning = <M extends "put" | "delete">(method: M) =>
  defineRoute({
    method,
    path: `${PATH}/pin`,
    access: "friend",
    operationId: method === "put" ? "pinMessage" : "unpinMessage",
    summary: method === "put" ? "Pin a message" : "Take a pin away",
    description: "For all members; in a group its owner and admins. A repeat changes nothing.",
    tags,
    request: { params: MessageParams },
    responses: { 200: one, 409: gone },
  });
const pin = pinning("put");
const unpin = pinning("delete");

const pins = defineRoute({
  method: "get",
  path: "/api/v1/conversations/{id}/pins",
  access: "friend",
  operationId: "listPins",
  summary: "List the pinned messages",
  description: "In their order.",
  tags,
  request: { params: ConversationId },
  responses: {
    200: { description: "The messages", content: { "application/json": { schema: MessageList } } },
  },
});

const search = defineRoute({
  method: "get",
  path: "/api/v1/messages",
  access: "user",
  operationId: "searchMessages",
  summary: "Search my conversations",
  description: "Messages with all the words, newest first, as far as I may see them.",
  tags,
  request: { query: MessageSearch },
  responses: {
    200: { description: "One page", content: { "application/json": { schema: FoundMessages } } },
  },
});

/** What becomes of messages, and how they are found again. */
export function registerMessageChanges(app: App<Env>): void {
  app.openapi(edit, async (c) => {
    const { id, seq } = c.req.valid("param");
    return c.json(await editMessage(c.get("context"), id, seq, c.req.valid("json")), 200);
  });
  app.openapi(remove, async (c) => {
    const { id, seq } = c.req.valid("param");
    return c.json(await deleteMessage(c.get("context"), id, seq), 200);
  });
  app.openapi(hide, async (c) => {
    const { id, seq } = c.req.valid("param");
    return c.json(await hideMessage(c.get("context"), id, seq), 200);
  });
  app.openapi(edits, async (c) => {
    const { id, seq } = c.req.valid("param");
    return c.json(await listEdits(c.get("context"), id, seq), 200);
  });
  app.openapi(react, async (c) => {
    const { id, seq } = c.req.valid("param");
    return c.json(await reactToMessage(c.get("context"), id, seq, c.req.valid("json")), 200);
  });
  for (const [route, on] of [
    [pin, true],
    [unpin, false],
  ] as const)
    app.openapi(route, async (c) => {
      const { id, seq } = c.req.valid("param");
      return c.json(await pinMessage(c.get("context"), id, seq, on), 200);
    });
  app.openapi(pins, async (c) => c.json(await listPins(c.get("context"), c.req.valid("param").id), 200));
  app.openapi(search, async (c) => c.json(await searchMessages(c.get("context"), c.req.valid("query")), 200));
}
