import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { Way } from "@souk/kit/realtime/connection-route";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import type { Env } from "../env.ts";
import { selectUnread } from "../queries/unread.ts";
import { userLock } from "../queries/user-lock.ts";
import type { Connection } from "../schemas.ts";
import { hubOf } from "./hub-of.ts";

async function recount(context: Context<Env>, userId: string): Promise<void> {
  const [, [unread]] = await context.db.batch([
    context.db.execute(userLock(userId)),
    selectUnread(context.db, userId),
  ]);
  if (unread === undefined) return;
  const hub = hubOf(context, userId);
  await callTimeout.execute(() => hub.recount(unread));
}

/**
 * Hands an authorised connection to the person's hub, and has their unread notifications counted for it.
 * @throws AppError unauthorized when the session has ended
 */
export async function connectHub(context: Context<Env>, connection: Connection, way: Way): Promise<Response> {
  const hub = hubOf(context, connection.userId);
  const answer = await callTimeout.execute(() =>
    hub.fetch("https://hub/", {
      headers: {
        ...way,
        "x-connection": JSON.stringify(connection),
        traceparent: traceparent(context.trace),
      },
    }),
  );
  if (answer.status === 401) throw new AppError("unauthorized", "The session has ended. Log in again.");
  // Only now, when the hub has the connection: what is stored before the count is in it, what comes later is pushed.
  context.after(recount(context, connection.userId));
  return answer;
}
