import type { Context } from "@souk/kit/context";
import type { Way } from "@souk/kit/realtime/connection-route";
import type { Env } from "../env.ts";
import { authorizeConnection, type Asked } from "./authorize-connection.ts";
import { connectHub } from "./connect-hub.ts";

/**
 * Opens a WebSocket to the person's hub, or a stream of server-sent events from it.
 * @returns the answer that carries it
 * @throws AppError forbidden for a page of another origin; unauthorized without a valid ticket or token, or when the session has ended
 */
export const openHub = async (context: Context<Env>, asked: Asked, way: Way): Promise<Response> =>
  connectHub(context, await authorizeConnection(context, asked), way);
