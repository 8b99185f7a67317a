import { sessions } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { endSessions } from "./end-sessions.ts";

/**
 * Ends one of the actor's sessions; one that has ended stays as it is.
 * @throws AppError unauthorized; not_found: no such session, or another's
 */
export async function revokeSession(context: Context<Env>, id: string): Promise<void> {
  const { userId } = requireActor(context);
  const [, known] = await context.db.batch([
    context.db.execute(
      endSessions(context, "revoked", sql`session.id = ${id}::uuid AND session.user_id = ${userId}::uuid`),
    ),
    context.db
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.id, id), eq(sessions.userId, userId))),
  ]);
  if (known.length === 0) throw new AppError("not_found", "You have no such session.");
}
