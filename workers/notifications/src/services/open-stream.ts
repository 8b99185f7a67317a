import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { authorizeConnection, type Asked } from "./authorize-connection.ts";
import { connectHub } from "./connect-hub.ts";

/**
 * Opens a stream of server-sent events from the person's hub.
 * @param cursor the client's `Last-Event-ID`, from where on it is told what it missed
 * @returns the answer that carries the stream
 * @throws AppError forbidden for a page of another origin; unauthorized without a valid ticket or token, or when the session has ended
 */
export const openStream = async (
  context: Context<Env>,
  asked: Asked,
  cursor: string | undefined,
): Promise<Response> =>
  connectHub(
    context,
    await authorizeConnection(context, asked),
    cursor === undefined ? {} : { "last-event-id": cursor },
  );
