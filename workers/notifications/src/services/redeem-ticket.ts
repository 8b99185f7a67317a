import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { callTimeout } from "@souk/kit/resilience";
import type { Env } from "../env.ts";
import type { Connection } from "../schemas.ts";
import { readTicket } from "../ticket.ts";
import { hubOf } from "./hub-of.ts";

/** Uses a ticket up and returns whose it was. @throws AppError unauthorized when it is unknown, used or expired */
export async function redeemTicket(
  context: Context<Env>,
  ticket: string,
): Promise<Pick<Connection, "userId" | "sessionId">> {
  const claim = await readTicket(ticket);
  if (claim !== null) {
    const hub = hubOf(context, claim.userId);
    const sessionId = await callTimeout.execute(() => hub.redeemTicket(claim.hash, context.now().getTime()));
    if (sessionId !== null) return { userId: claim.userId, sessionId };
  }
  throw new AppError("unauthorized", "The ticket is unknown, used or expired. Ask for a new one.");
}
