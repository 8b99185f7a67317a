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
import { roomOf } from "../price-rooms.ts";
import { RoomPair, Ticket } from "../schemas.ts";
import { mintTicket } from "../services/mint-ticket.ts";
import { openHub } from "../services/open-hub.ts";
import { openPriceRoom } from "../services/open-price-room.ts";

const mint = defineRoute({
  method: "post",
  path: "/api/v1/realtime/tickets",
  access: "user",
  operationId: "mintRealtimeTicket",
  summary: "Get a ticket that opens one connection",
  description:
    "For clients that cannot send `Authorization` with a WebSocket or an event stream: `GET /ws?ticket=...`, `GET /ws/rooms/...?ticket=...`, or `/events` below `/api/v1/realtime` or one of its rooms, once within 30 seconds.",
  tags: ["realtime"],
  responses: { 201: { description: "The ticket", content: { "application/json": { schema: Ticket } } } },
});

const open = defineRoute({
  method: "get",
  path: "/ws",
  access: "public",
  operationId: "openWebSocket",
  summary: "Open a WebSocket to my notifications",
  description: "Authorised by a ticket, or by an access token as `Authorization: Bearer ...`.",
  tags: ["realtime"],
  request: { query: TicketQuery },
  responses: SOCKET_RESPONSES,
});

const openPrice = defineRoute({
  method: "get",
  path: "/ws/rooms/prices/{pair}",
  access: "public",
  operationId: "openPriceWebSocket",
  summary: "Open a WebSocket to the live price of a pair",
  description: "Authorised as `/ws` is. Subscribe to `prices.XAU.USD` for the newest price and each change.",
  tags: ["realtime"],
  request: { params: RoomPair, query: TicketQuery },
  responses: SOCKET_RESPONSES,
});

const stream = defineRoute({
  method: "get",
  path: "/api/v1/realtime/events",
  access: "public",
  operationId: "streamRealtimeEvents",
  summary: "Follow my channels as server-sent events",
  description:
    "For where WebSockets are blocked: the frames of docs/asyncapi.json, one in the `data` of each event. Authorised by a ticket, or by an access token. The id of an event is the cursor after it; sent back as `Last-Event-ID` (or `lastEventId`, since a new ticket needs a new address), it brings what was missed, or `recovered: false` for a channel. The stream ends after five minutes: come back. An event `close` says why it ends before.",
  tags: ["realtime"],
  request: STREAM_REQUEST,
  responses: STREAM_RESPONSES,
});

const streamPrice = defineRoute({
  method: "get",
  path: "/api/v1/realtime/rooms/prices/{pair}/events",
  access: "public",
  operationId: "streamPriceEvents",
  summary: "Follow the live price of a pair as server-sent events",
  description: "As `/api/v1/realtime/events` is, of the channel `prices.XAU.USD`.",
  tags: ["realtime"],
  request: { params: RoomPair, ...STREAM_REQUEST },
  responses: STREAM_RESPONSES,
});

/** The way to a person's open sockets. */
export function registerRealtime(app: App<Env>): void {
  app.openapi(mint, async (c) => c.json(await mintTicket(c.get("context")), 201));
  app.openapi(open, async (c) => {
    const asked = { origin: c.req.header("origin"), ticket: c.req.valid("query").ticket };
    return upgradeRequired(c) ?? openHub(c.get("context"), asked, BY_SOCKET);
  });
  app.openapi(openPrice, async (c) => {
    const asked = { origin: c.req.header("origin"), ticket: c.req.valid("query").ticket };
    const room = roomOf(c.req.valid("param").pair);
    return upgradeRequired(c) ?? openPriceRoom(c.get("context"), asked, room, BY_SOCKET);
  });
  app.openapi(stream, async (c) => {
    const { ticket, lastEventId } = c.req.valid("query");
    const way = byStream(c.req.valid("header")["last-event-id"] ?? lastEventId);
    return openHub(c.get("context"), { origin: c.req.header("origin"), ticket }, way);
  });
  app.openapi(streamPrice, async (c) => {
    const { ticket, lastEventId } = c.req.valid("query");
    const way = byStream(c.req.valid("header")["last-event-id"] ?? lastEventId);
    const room = roomOf(c.req.valid("param").pair);
    return openPriceRoom(c.get("context"), { origin: c.req.header("origin"), ticket }, room, way);
  });
}
