import type { Context } from "@souk/kit/context";
import { appErrorOf } from "@souk/kit/errors";
import { callTimeout } from "@souk/kit/resilience";
import type { Admission } from "@souk/kit/rpc";
import type { Env } from "../env.ts";
import { redeemTicket } from "./redeem-ticket.ts";
import { hubOf } from "./hub-of.ts";

/**
 * Admits a socket to a room of another object, which the person's hub remembers so that the room can be closed to the session.
 * @returns whose socket it is; null without a valid ticket, or when the session has ended
 */
export async function admitToRoom(
  context: Context<Env>,
  admission: Admission,
  room: string,
): Promise<{ userId: string; sessionId: string } | null> {
  try {
    const { userId, sessionId } =
      "ticket" in admission ? await redeemTicket(context, admission.ticket) : admission;
    const hub = hubOf(context, userId);
    const admitted = await callTimeout.execute(() => hub.admit(sessionId, room));
    return admitted ? { userId, sessionId } : null;
  } catch (error) {
    if (appErrorOf(error)?.code === "unauthorized") return null;
    throw error;
  }
}
