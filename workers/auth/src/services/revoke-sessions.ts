import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { SessionsToEnd } from "../session-schemas.ts";
import { endSessions } from "./end-sessions.ts";

/** Ends all of the actor's sessions, or all but the current one. @throws AppError unauthorized */
export async function revokeSessions(context: Context<Env>, { keep }: SessionsToEnd): Promise<void> {
  const { userId, sessionId } = requireActor(context);
  const others = keep === "current" ? sql`AND session.id <> ${sessionId}::uuid` : sql``;
  await context.db.execute(endSessions(context, "revoked", sql`session.user_id = ${userId}::uuid ${others}`));
}
