import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import type { Connection } from "../schemas.ts";
import { redeemTicket } from "./redeem-ticket.ts";

/** The `Origin` of the page that asks, where a browser names one, and the ticket, without which the actor's token counts. */
export interface Asked {
  origin: string | undefined;
  ticket: string | undefined;
}

/**
 * Whose connection it would be.
 * @throws AppError forbidden for a page of another origin; unauthorized without a valid ticket or token
 */
export async function authorizeConnection(context: Context<Env>, asked: Asked): Promise<Connection> {
  if (asked.origin !== undefined && !context.env.ALLOWED_ORIGINS.includes(asked.origin))
    throw new AppError("forbidden", "Pages of this origin may not open a connection.");
  const { userId, sessionId } =
    asked.ticket === undefined ? requireActor(context) : await redeemTicket(context, asked.ticket);
  return { userId, sessionId, connectedAt: context.now().toISOString() };
}
