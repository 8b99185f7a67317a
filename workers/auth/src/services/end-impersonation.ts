import { sessions } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireAdmin } from "@souk/kit/route";
import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Env } from "../env.ts";
import { endSessions } from "./end-sessions.ts";

/** Ends what an admin does as somebody; one that has ended stays as it is. @throws AppError unauthorized, forbidden, not_found */
export async function endImpersonation(context: Context<Env>, id: string): Promise<void> {
  requireAdmin(context);
  const [, known] = await context.db.batch([
    context.db.execute(
      endSessions(context, "revoked", sql`session.id = ${id}::uuid AND session.impersonator_id IS NOT NULL`),
    ),
    context.db
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.id, id), isNotNull(sessions.impersonatorId))),
  ]);
  if (known.length === 0) throw new AppError("not_found", "There is no such impersonation.");
}
