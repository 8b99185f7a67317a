import { z } from "@hono/zod-openapi";
import type { Context as HonoContext } from "hono";
import { AppError } from "../errors.ts";
import { problemResponse } from "../problem.ts";
import type { AnyEnv, AppTypes } from "../request-context.ts";
import { problem } from "../route.ts";

/** What routes that open a connection take from who cannot send `Authorization` with it. */
export const TicketQuery = z.object({ ticket: z.string().max(200).optional() });

export const SOCKET_RESPONSES = {
  101: { description: "The WebSocket" },
  401: problem("No valid ticket or access token"),
  403: problem("The page's origin is not allowed"),
  426: problem("Not a WebSocket upgrade"),
};

const LastEventId = z.string().max(1000).optional();
/** An event stream's cursor comes in the header, or in the address, since a new ticket needs a new one. */
export const STREAM_REQUEST = {
  query: TicketQuery.extend({ lastEventId: LastEventId }),
  headers: z.object({ "last-event-id": LastEventId }),
};

export const STREAM_RESPONSES = {
  200: { description: "The stream", content: { "text/event-stream": { schema: z.string() } } },
  403: problem("The page's origin is not allowed"),
};

/** The answer to who asks for a WebSocket without an upgrade. */
export function upgradeRequired<Env extends AnyEnv>(c: HonoContext<AppTypes<Env>>): Response | undefined {
  if (c.req.header("upgrade")?.toLowerCase() === "websocket") return undefined;
  const needed = new AppError("upgrade_required", "Ask for this path with a WebSocket.");
  const where = { path: c.req.path, requestId: c.get("context").requestId };
  return problemResponse(needed, where, { upgrade: "websocket" });
}

/** As what a connection is opened, in the headers by which its object is asked for it. */
export type Way = { upgrade: "websocket" } | { "last-event-id": string };
export const BY_SOCKET: Way = { upgrade: "websocket" };
/** @param cursor from where on the client is told what it missed */
export const byStream = (cursor = ""): Way => ({ "last-event-id": cursor });
