import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import type { Env } from "../env.ts";
import { hubOf } from "../services/hub-of.ts";

/** Closes the sockets of a session that has ended. */
export async function sessionRevoked(
  context: Context<Env>,
  event: SoukEvent<"session.revoked">,
): Promise<void> {
  const { userId, sessionId } = event.data;
  const hub = hubOf(context, userId);
  await callTimeout.execute(() =>
    hub.endSession(sessionId, context.now().getTime(), traceparent(context.trace)),
  );
}
