import { erasureParts, erasures } from "@souk/db/schema/auth-account-life";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireAdmin } from "@souk/kit/route";
import { eq } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Erasure } from "../account-life-schemas.ts";

/**
 * The report of a person's erasure: what each service that has answered erased.
 * @throws AppError unauthorized, forbidden; not_found: no erasure was started
 */
export async function readErasure(context: Context<Env>, userId: string): Promise<Erasure> {
  requireAdmin(context);
  const rows = await context.db
    .select({ erasure: erasures, part: erasureParts })
    .from(erasures)
    .leftJoin(erasureParts, eq(erasureParts.erasureId, erasures.id))
    .where(eq(erasures.userId, userId))
    .orderBy(erasureParts.eventId);
  const [first] = rows;
  if (first === undefined) throw new AppError("not_found", "No erasure of this person was started.");
  const services: Erasure["services"] = {};
  for (const { part } of rows) {
    if (part === null) continue;
    const sums = (services[part.service] ??= {});
    for (const [table, count] of Object.entries(part.counts)) sums[table] = (sums[table] ?? 0) + count;
  }
  const { startedAt, finishedAt } = first.erasure;
  return {
    userId,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    services,
  };
}
