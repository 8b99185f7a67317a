import { sessions } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { gt } from "drizzle-orm";
import type { Env } from "../env.ts";
import { later, LIMITS } from "../limits.ts";

/** Ids of the ended sessions whose access tokens may not have expired yet, for the control snapshot. */
export async function readRevokedSessions(context: Context<Env>): Promise<string[]> {
  const rows = await context.db
    .select({ id: sessions.id })
    .from(sessions)
    .where(gt(sessions.revokedAt, later(context.now(), -LIMITS.accessToken - LIMITS.clockTolerance)));
  return rows.map(({ id }) => id);
}
