import { sessions } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { type PageQuery, readCursor, toPage } from "@souk/kit/pagination";
import { requireAdmin } from "@souk/kit/route";
import { and, desc, isNotNull, lt } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { ImpersonationPage } from "../impersonation-schemas.ts";

/** What a constraint says of each impersonation. */
const Lent = z.object({ impersonatorId: z.uuid(), impersonationReason: z.string() });

/** Who acted as whom, newest first, as long as sessions are kept. @throws AppError unauthorized, forbidden, invalid_cursor */
export async function listImpersonations(
  context: Context<Env>,
  { cursor, limit }: z.output<typeof PageQuery>,
): Promise<ImpersonationPage> {
  requireAdmin(context);
  const after = cursor === undefined ? undefined : readCursor(z.uuid(), cursor);
  const rows = await context.db
    .select()
    .from(sessions)
    .where(and(isNotNull(sessions.impersonatorId), after === undefined ? undefined : lt(sessions.id, after)))
    .orderBy(desc(sessions.id))
    .limit(limit + 1);
  const items = rows.map((row) => {
    const { impersonatorId, impersonationReason } = Lent.parse(row);
    return {
      id: row.id,
      userId: row.userId,
      impersonatedBy: impersonatorId,
      reason: impersonationReason,
      startedAt: row.createdAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      endedAt: row.revokedAt?.toISOString() ?? null,
      endedReason: row.revokedReason,
    };
  });
  return toPage(items, limit, ({ id }) => id);
}
