import type { App } from "@souk/kit/app";
import {
  BY_SOCKET,
  byStream,
  SOCKET_RESPONSES,
  STREAM_REQUEST,
  STREAM_RESPONSES,
  TicketQuery,
  upgradeRequired,
} from "@souk/kit/realtime/connection-route";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { ConversationId } from "../schemas/conversation.ts";
import { openRoom } from "../services/open-room.ts";

const open = defineRoute({
  method: "get",
  path: "/ws/rooms/{id}",
  access: "public",
  operationId: "openRoom",
  summary: "Open a WebSocket to the room of a conversation",
  description: "Authorised by a ticket, or by an access token as `Authorization: Bearer ...`.",
  tags: ["realtime"],
  request: { params: ConversationId, query: TicketQuery },
  responses: SOCKET_RESPONSES,
});

const stream = defineRoute({
  method: "get",
  path: "/api/v1/realtime/rooms/{id}/events",
  access: "public",
  operationId: "streamRoomEvents",
  summary: "Follow the room of a conversation as server-sent events",
  description: "As `/api/v1/realtime/events` is, of the channel `room.{id}`. What is said goes by HTTP.",
  tags: ["realtime"],
  request: { params: ConversationId, ...STREAM_REQUEST },
  responses: STREAM_RESPONSES,
});

/** The way into a conversation's room. */
export function registerRooms(app: App<Env>): void {
  app.openapi(open, async (c) => {
    const asked = { origin: c.req.header("origin"), ticket: c.req.valid("query").ticket };
    return upgradeRequired(c) ?? openRoom(c.get("context"), c.req.valid("param").id, asked, BY_SOCKET);
  });
  app.openapi(stream, async (c) => {
    const { ticket, lastEventId } = c.req.valid("query");
    const way = byStream(c.req.valid("header")["last-event-id"] ?? lastEventId);
    const asked = { origin: c.req.header("origin"), ticket };
    return openRoom(c.get("context"), c.req.valid("param").id, asked, way);
  });
}
