import { z } from "@hono/zod-openapi";
import type { App } from "@souk/kit/app";
import { AppError } from "@souk/kit/errors";
import { problemResponse } from "@souk/kit/problem";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Ticket } from "../schemas.ts";
import { mintTicket } from "../services/mint-ticket.ts";
import { openSocket } from "../services/open-socket.ts";

const mint = defineRoute({
  method: "post",
  path: "/api/v1/realtime/tickets",
  access: "user",
  operationId: "mintRealtimeTicket",
  summary: "Get a ticket that opens one WebSocket",
  description:
    "For clients that cannot send `Authorization` with a WebSocket: `GET /ws?ticket=...` once, within 30 seconds.",
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
  request: { query: z.object({ ticket: z.string().max(200).optional() }) },
  responses: {
    101: { description: "The WebSocket" },
    401: problem("No valid ticket or access token"),
    403: problem("The page's origin is not allowed"),
    426: problem("Not a WebSocket upgrade"),
  },
});

/** The way to a person's open sockets. */
export function registerRealtime(app: App<Env>): void {
  app.openapi(mint, async (c) => c.json(await mintTicket(c.var.context), 201));
  app.openapi(open, async (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      const needed = new AppError("upgrade_required", "Ask for this path with a WebSocket.");
      return problemResponse(
        needed,
        { path: c.req.path, requestId: c.var.context.requestId },
        { upgrade: "websocket" },
      );
    }
    return openSocket(c.var.context, { origin: c.req.header("origin"), ticket: c.req.valid("query").ticket });
  });
}
