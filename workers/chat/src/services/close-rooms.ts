import type { Context } from "@souk/kit/context";
import { traceparent } from "@souk/kit/trace";
import type { Env } from "../env.ts";
import { askConversation } from "./open-conversation.ts";

/** Closes the sockets that an ended session has in some rooms, not more than an invocation may call. */
export async function closeRooms(context: Context<Env>, sessionId: string, rooms: string[]): Promise<void> {
  for (const id of rooms)
    await askConversation(context, id, (conversation) =>
      conversation.endSession(sessionId, traceparent(context.trace)),
    );
}
