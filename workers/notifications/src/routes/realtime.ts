import { z } from "@hono/zod-openapi";
import type { App } from "@souk/kit/app";
import { AppError } from "@souk/kit/errors";
import { problemResponse } from "@souk/kit/problem";
import type { AppTypes } from "@souk/kit/request-context";
import { defineRoute, problem } from "@souk/kit/route";
import type { Context as HonoContext } from "hono";
import type { Env } from "../env.ts";
import { roomOf } from "../price-rooms.ts";
import { RoomPair, Ticket } from "../schemas.ts";
import { mintTicket } from "../services/mint-ticket.ts";
import { openPriceRoom } from "../services/open-price-room.ts";
import { openSocket } from "../services/open-socket.ts";
import { openStream } from "../services/open-stream.ts";

const TicketQuery = z.object({ ticket: z.string().max(200).optional() });
const CONNECTION = {
  101: { description: "The WebSocket" },
  401: problem("No valid ticket or access token"),
  403: problem("The page's origin is not allowed"),
  426: problem("Not a WebSocket upgrade"),
};

const mint = defineRoute({
  method: "post",
  path: "/api/v1/realtime/tickets",
  access: "user",
  operationId: "mintRealtimeTicket",
  summary: "Get a ticket that opens one connection",
  description:
    "For clients that cannot send `Authorization` with a WebSocket or an event stream: `GET /ws?ticket=...`, `GET /ws/rooms/...?ticket=...` or `GET /api/v1/realtime/events?ticket=...` once, within 30 seconds.",
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
  responses: CONNECTION,
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
  responses: CONNECTION,
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
  request: {
    query: z.object({ ticket: z.string().max(200).optional(), lastEventId: z.string().max(1000).optional() }),
    headers: z.object({ "last-event-id": z.string().max(1000).optional() }),
  },
  responses: {
    200: {
      description: "The stream",
      content: { "text/event-stream": { schema: z.string() } },
    },
    403: problem("The page's origin is not allowed"),
  },
});

/** The answer to who asks without an upgrade. */
function upgradeRequired(c: HonoContext<AppTypes<Env>>): Response | undefined {
  if (c.req.header("upgrade")?.toLowerCase() === "websocket") return undefined;
  const needed = new AppError("upgrade_required", "Ask for this path with a WebSocket.");
  const where = { path: c.req.path, requestId: c.get("context").requestId };
  return problemResponse(needed, where, { upgrade: "websocket" });
}

/** The way to a person's open sockets. */
export function registerRealtime(app: App<Env>): void {
  app.openapi(mint, async (c) => c.json(await mintTicket(c.get("context")), 201));
  app.openapi(open, async (c) => {
    const { ticket } = c.req.valid("query");
    return upgradeRequired(c) ?? openSocket(c.get("context"), { origin: c.req.header("origin"), ticket });
  });
  app.openapi(openPrice, async (c) => {
    const { ticket } = c.req.valid("query");
    const room = roomOf(c.req.valid("param").pair);
    return (
      upgradeRequired(c) ?? openPriceRoom(c.get("context"), { origin: c.req.header("origin"), ticket }, room)
    );
  });
  app.openapi(stream, async (c) => {
    const { ticket, lastEventId } = c.req.valid("query");
    const cursor = c.req.valid("header")["last-event-id"] ?? lastEventId;
    return openStream(c.get("context"), { origin: c.req.header("origin"), ticket }, cursor);
  });
}
