import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { ConversationId } from "../schemas/conversation.ts";
import {
  Cursor,
  HistoryQuery,
  Message,
  MessagePage,
  NewForward,
  NewMessage,
  Receipt,
} from "../schemas/message.ts";
import { forwardMessage } from "../services/forward-message.ts";
import { listMessages } from "../services/list-messages.ts";
import { moveCursor } from "../services/move-cursor.ts";
import { sendMessage } from "../services/send-message.ts";

const tags = ["conversations"];
const PATH = "/api/v1/conversations/{id}";
const one = { content: { "application/json": { schema: Message } } };

const send = defineRoute({
  method: "post",
  path: `${PATH}/messages`,
  access: "friend",
  operationId: "sendMessage",
  summary: "Send a message",
  description:
    "Answered once it is durable. A repeat with the same `clientMessageId` is answered with the message that is there.",
  tags,
  request: {
    params: ConversationId,
    body: { required: true, content: { "application/json": { schema: NewMessage } } },
  },
  responses: {
    200: { description: "It was sent before", ...one },
    201: { description: "The message", ...one },
  },
});

const list = defineRoute({
  method: "get",
  path: `${PATH}/messages`,
  access: "friend",
  operationId: "listMessages",
  summary: "Read the messages of a conversation",
  description: "By their place: newest first from the end or `before` one, or oldest first `from` one on.",
  tags,
  request: { params: ConversationId, query: HistoryQuery },
  responses: { 200: { description: "One page", content: { "application/json": { schema: MessagePage } } } },
});

const forward = defineRoute({
  method: "post",
  path: `${PATH}/forwards`,
  access: "friend",
  operationId: "forwardMessage",
  summary: "Forward a message",
  description:
    "Sends a copy of a message from a conversation of mine, with who wrote it first and when. Answered as a message that is sent.",
  tags,
  request: {
    params: ConversationId,
    body: { required: true, content: { "application/json": { schema: NewForward } } },
  },
  responses: {
    200: { description: "It was sent before", ...one },
    201: { description: "The copy", ...one },
    409: problem("The message was deleted"),
  },
});

/** The two cursors of a member. */
const cursor = <W extends "read" | "delivered">(which: W, description: string) =>
  defineRoute({
    method: "put",
    path: `${PATH}/${which}`,
    access: "friend",
    operationId: which === "read" ? "readMessages" : "acknowledgeMessages",
    summary: which === "read" ? "Say how far I have read" : "Say what has reached me",
    description,
    tags,
    request: {
      params: ConversationId,
      body: { required: true, content: { "application/json": { schema: Cursor } } },
    },
    responses: {
      200: { description: "Where I am now", content: { "application/json": { schema: Receipt } } },
    },
  });
const read = cursor(
  "read",
  "One cursor for all my devices, which never goes back; what is read has been delivered.",
);
const delivered = cursor("delivered", "One cursor for all my devices, which never goes back.");

/** What is written in a conversation, and how far its members are. */
export function registerMessages(app: App<Env>): void {
  app.openapi(send, async (c) => {
    const { id } = c.req.valid("param");
    const { message, made } = await sendMessage(c.get("context"), id, c.req.valid("json"));
    return c.json(message, made ? 201 : 200);
  });
  app.openapi(forward, async (c) => {
    const { id } = c.req.valid("param");
    const { message, made } = await forwardMessage(c.get("context"), id, c.req.valid("json"));
    return c.json(message, made ? 201 : 200);
  });
  app.openapi(list, async (c) =>
    c.json(await listMessages(c.get("context"), c.req.valid("param").id, c.req.valid("query")), 200),
  );
  app.openapi(read, async (c) =>
    c.json(await moveCursor(c.get("context"), c.req.valid("param").id, "read", c.req.valid("json").seq), 200),
  );
  app.openapi(delivered, async (c) =>
    c.json(
      await moveCursor(c.get("context"), c.req.valid("param").id, "delivered", c.req.valid("json").seq),
      200,
    ),
  );
}
