import { z } from "@hono/zod-openapi";
import type { App } from "@souk/kit/app";
import { AppError } from "@souk/kit/errors";
import { problemResponse } from "@souk/kit/problem";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { ConversationId } from "../schemas.ts";
import { openRoom } from "../services/open-room.ts";

const open = defineRoute({
  method: "get",
  path: "/ws/rooms/{id}",
  access: "public",
  operationId: "openRoom",
  summary: "Open a WebSocket to the room of a conversation",
  description: "Authorised by a ticket, or by an access token as `Authorization: Bearer ...`.",
  tags: ["realtime"],
  request: { params: ConversationId, query: z.object({ ticket: z.string().max(200).optional() }) },
  responses: {
    101: { description: "The WebSocket" },
    401: problem("No valid ticket or access token"),
    403: problem("The page's origin is not allowed"),
    426: problem("Not a WebSocket upgrade"),
  },
});

/** The way into a conversation's room. */
export function registerRooms(app: App<Env>): void {
  app.openapi(open, async (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      const needed = new AppError("upgrade_required", "Ask for this path with a WebSocket.");
      const where = { path: c.req.path, requestId: c.get("context").requestId };
      return problemResponse(needed, where, { upgrade: "websocket" });
    }
    const { ticket } = c.req.valid("query");
    return openRoom(c.get("context"), c.req.valid("param").id, { origin: c.req.header("origin"), ticket });
  });
}
