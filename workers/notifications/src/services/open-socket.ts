import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { callTimeout } from "@souk/kit/resilience";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { selectUnread } from "../queries/unread.ts";
import { userLock } from "../queries/user-lock.ts";
import type { Connection } from "../schemas.ts";
import { redeemTicket } from "./redeem-ticket.ts";

async function recount(context: Context<Env>, userId: string): Promise<void> {
  const [, [unread]] = await context.db.batch([
    context.db.execute(userLock(userId)),
    selectUnread(context.db, userId),
  ]);
  if (unread === undefined) return;
  const hub = context.env.USER_HUB.getByName(userId);
  await callTimeout.execute(() => hub.recount(unread));
}

/**
 * Opens a WebSocket to the person's hub.
 * @param asked the `Origin` of the page that asks, where a browser names one, and the ticket, without which the actor's token counts
 * @returns the answer that carries the socket
 * @throws AppError forbidden for a page of another origin; unauthorized without a valid ticket or token, or when the session has ended
 */
export async function openSocket(
  context: Context<Env>,
  asked: { origin: string | undefined; ticket: string | undefined },
): Promise<Response> {
  if (asked.origin !== undefined && !context.env.ALLOWED_ORIGINS.includes(asked.origin)) {
    throw new AppError("forbidden", "Pages of this origin may not open a WebSocket.");
  }
  const { userId, sessionId } =
    asked.ticket === undefined ? requireActor(context) : await redeemTicket(context, asked.ticket);
  const connection: Connection = { userId, sessionId, connectedAt: context.now().toISOString() };
  const hub = context.env.USER_HUB.getByName(userId);
  const answer = await callTimeout.execute(() =>
    hub.fetch("https://hub/", {
      headers: { upgrade: "websocket", "x-connection": JSON.stringify(connection) },
    }),
  );
  if (answer.status === 401) throw new AppError("unauthorized", "The session has ended. Log in again.");
  // Only now, when the hub has the socket: what is stored before the count is in it, what comes later is pushed.
  context.after(recount(context, userId));
  return answer;
}
