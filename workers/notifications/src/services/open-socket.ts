import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { authorizeConnection, type Asked } from "./authorize-connection.ts";
import { connectHub } from "./connect-hub.ts";

/**
 * Opens a WebSocket to the person's hub.
 * @returns the answer that carries the socket
 * @throws AppError forbidden for a page of another origin; unauthorized without a valid ticket or token, or when the session has ended
 */
export const openSocket = async (context: Context<Env>, asked: Asked): Promise<Response> =>
  connectHub(context, await authorizeConnection(context, asked), { upgrade: "websocket" });
