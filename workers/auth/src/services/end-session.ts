import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { endSessions } from "./end-sessions.ts";

/** Ends the actor's own session and no other; repeating it changes nothing. @throws AppError unauthorized */
export async function endSession(context: Context<Env>): Promise<void> {
  const { userId, sessionId } = requireActor(context);
  const own = sql`session.id = ${sessionId}::uuid AND session.user_id = ${userId}::uuid`;
  await context.db.execute(endSessions(context, "logout", own));
}
