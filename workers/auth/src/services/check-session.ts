import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Verified } from "../session-schemas.ts";
import { accountColumns } from "./account-columns.ts";
import { liveSession } from "./live-session.ts";

/** The actor's account and session, as they stand now. @throws AppError unauthorized when the session has ended */
export async function checkSession(context: Context<Env>): Promise<Verified> {
  const { userId, sessionId } = requireActor(context);
  const [row] = await context.db
    .select({ user: accountColumns, session: sessions })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.id, sessionId),
        eq(sessions.userId, userId),
        eq(users.status, "active"),
        liveSession(context.now()),
      ),
    );
  if (row === undefined) throw new AppError("unauthorized", "The session has ended. Log in again.");
  const { user, session } = row;
  return {
    valid: true,
    user,
    session: {
      id: session.id,
      createdAt: session.createdAt.toISOString(),
      refreshedAt: session.refreshedAt.toISOString(),
      expiresAt: session.expiresAt.toISOString(),
    },
  };
}
