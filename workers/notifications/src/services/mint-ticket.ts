import type { Context } from "@souk/kit/context";
import { REALTIME } from "@souk/kit/realtime/limits";
import { callTimeout } from "@souk/kit/resilience";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import type { Ticket } from "../schemas.ts";
import { newTicket } from "../ticket.ts";
import { hubOf } from "./hub-of.ts";

/**
 * A ticket that opens one WebSocket of the caller's within 30 seconds. The caller's hub keeps only its hash.
 * @throws AppError unauthorized
 */
export async function mintTicket(context: Context<Env>): Promise<Ticket> {
  const { userId, sessionId } = requireActor(context);
  const { ticket, hash } = await newTicket(userId);
  const now = context.now();
  const expiresAt = new Date(now.getTime() + REALTIME.ticketMs);
  const hub = hubOf(context, userId);
  await callTimeout.execute(() =>
    hub.keepTicket({ hash, sessionId, now: now.getTime(), expiresAt: expiresAt.getTime() }),
  );
  return { ticket, expiresAt: expiresAt.toISOString() };
}
