import { sessions } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireActor } from "@souk/kit/route";
import { and, desc, eq, lt } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { SessionPage, SessionQuery } from "../session-schemas.ts";
import { liveSession } from "./live-session.ts";

/**
 * The actor's sessions that are alive, the newest first.
 * @throws AppError unauthorized, invalid_cursor
 */
export async function listSessions(context: Context<Env>, query: SessionQuery): Promise<SessionPage> {
  const { userId, sessionId } = requireActor(context);
  const after = query.cursor === undefined ? undefined : readCursor(z.uuid(), query.cursor);
  const rows = await context.db
    .select()
    .from(sessions)
    .where(
      and(
        eq(sessions.userId, userId),
        liveSession(context.now()),
        after === undefined ? undefined : lt(sessions.id, after),
      ),
    )
    .orderBy(desc(sessions.id))
    .limit(query.limit + 1);
  const items = rows.map((row) => ({
    id: row.id,
    device: row.device,
    userAgent: row.userAgent,
    address: row.ip,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.refreshedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    current: row.id === sessionId,
    impersonated: row.impersonatorId !== null,
  }));
  return toPage(items, query.limit, ({ id }) => id);
}
