import { sessions } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { and, eq, isNull } from "drizzle-orm";
import type { Env } from "../env.ts";

/** Ends the actor's own session and no other; repeating it changes nothing. @throws AppError unauthorized */
export async function endSession(context: Context<Env>): Promise<void> {
  const { userId, sessionId } = requireActor(context);
  const now = context.now();
  await context.db
    .update(sessions)
    .set({ revokedAt: now, revokedReason: "logout", updatedAt: now })
    .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), isNull(sessions.revokedAt)));
}
