import type { App } from "@souk/kit/app";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { ConversationId } from "../schemas/conversation.ts";
import {
  NewScheduledMessage,
  ScheduledMessage,
  ScheduledMessageChange,
  ScheduledMessageList,
  ScheduledMessageParams,
} from "../schemas/scheduled.ts";
import { listScheduled } from "../services/list-scheduled.ts";
import { rescheduleMessage } from "../services/reschedule-message.ts";
import { scheduleMessage } from "../services/schedule-message.ts";
import { unscheduleMessage } from "../services/unschedule-message.ts";

const PATH = "/api/v1/conversations/{id}/scheduled-messages";
const tags = ["conversations"];
const one = { content: { "application/json": { schema: ScheduledMessage } } };

const schedule = defineRoute({
  method: "post",
  path: PATH,
  access: "friend",
  operationId: "scheduleMessage",
  summary: "Write a message that is sent later",
  description:
    "From a minute to a year ahead. Only I see it until it is sent, as if I wrote it then. A repeat with the same `clientMessageId` is answered with what is there.",
  tags,
  request: {
    params: ConversationId,
    body: { required: true, content: { "application/json": { schema: NewScheduledMessage } } },
  },
  responses: {
    200: { description: "It was there before", ...one },
    201: { description: "What will be sent", ...one },
    409: problem("It was sent already, or too many wait"),
  },
});

const list = defineRoute({
  method: "get",
  path: PATH,
  access: "friend",
  operationId: "listScheduledMessages",
  summary: "List what I wrote for later",
  description:
    "In the order in which it will be sent. What was refused when it was due stays, with `failed`, until I change it or take it back.",
  tags,
  request: { params: ConversationId },
  responses: {
    200: { description: "All of it", content: { "application/json": { schema: ScheduledMessageList } } },
  },
});

const reschedule = defineRoute({
  method: "put",
  path: `${PATH}/{clientMessageId}`,
  access: "friend",
  operationId: "rescheduleMessage",
  summary: "Change what I wrote for later",
  description:
    "Its text and its time, while it is not sent; what failed is tried again then. A repeat changes nothing.",
  tags,
  request: {
    params: ScheduledMessageParams,
    body: { required: true, content: { "application/json": { schema: ScheduledMessageChange } } },
  },
  responses: { 200: { description: "What will be sent", ...one } },
});

const unschedule = defineRoute({
  method: "delete",
  path: `${PATH}/{clientMessageId}`,
  access: "friend",
  operationId: "unscheduleMessage",
  summary: "Take back what I wrote for later",
  description: "404 when it was sent or taken back before.",
  tags,
  request: { params: ScheduledMessageParams },
  responses: { 204: { description: "It is not sent" } },
});

/** What is written now and sent later. */
export function registerScheduled(app: App<Env>): void {
  app.openapi(schedule, async (c) => {
    const { id } = c.req.valid("param");
    const { scheduled, made } = await scheduleMessage(c.get("context"), id, c.req.valid("json"));
    return c.json(scheduled, made ? 201 : 200);
  });
  app.openapi(list, async (c) => c.json(await listScheduled(c.get("context"), c.req.valid("param").id), 200));
  app.openapi(reschedule, async (c) => {
    const { id, clientMessageId } = c.req.valid("param");
    return c.json(await rescheduleMessage(c.get("context"), id, clientMessageId, c.req.valid("json")), 200);
  });
  app.openapi(unschedule, async (c) => {
    const { id, clientMessageId } = c.req.valid("param");
    await unscheduleMessage(c.get("context"), id, clientMessageId);
    return c.body(null, 204);
  });
}
